#!/bin/sh
# SPDX-License-Identifier: MIT
# consumer-test.sh SOURCE BUILD DRIVERS(yes|no): installs into a temporary prefix and compiles
# consumer.c against it through pkg-config alone: shared, then static.
set -eu
source=$1
build=$2
drivers=$3
cc=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
if [ "$drivers" = yes ]; then package=extmgr-drivers defines=-DWITH_DRIVERS; else package=extmgr defines=; fi

# consume PREFIX FLAGS...: compiles and runs; the prefix is where the files really are.
consume() {
	stage=$1
	shift
	PKG_CONFIG_PATH=$(dirname "$(find "$stage" -name extmgr.pc)")
	export PKG_CONFIG_PATH
	prefix=$(dirname "$(dirname "$(find "$stage" -type d -path '*include/extmgr')")")
	pc() { pkg-config --define-variable=prefix="$prefix" "$@" $package; }
	# shellcheck disable=SC2046,SC2086  # words
	$cc -std=c99 -pedantic -Wall -Wextra -Werror $defines "$source/pkgconfig/consumer.c" \
		-o consumer $(pc --cflags "$@") $(pc --libs "$@")
}

echo "shared:"
DESTDIR=$work/shared meson install -C "$build" --no-rebuild --quiet
consume "$work/shared"
LD_LIBRARY_PATH=$(dirname "$(find "$work/shared" -name libextmgr.so)") ./consumer

# Only libextmgr itself is linked statically: distributions have no static unixODBC.
echo "static:"
meson setup "$work/build-static" "$source" -Ddefault_library=static -Dprefix=/usr/local \
	-Dtests=false -Dexamples=false -Dodbc="$([ "$drivers" = yes ] && echo enabled || echo disabled)" \
	>setup.log || { cat setup.log; exit 1; }
ninja -C "$work/build-static" >build.log || { tail -n 30 build.log; exit 1; }
DESTDIR=$work/static meson install -C "$work/build-static" --no-rebuild --quiet
consume "$work/static" --static
./consumer
if ldd ./consumer | grep extmgr; then
	echo "the static consumer needs the shared library"
	exit 1
fi
