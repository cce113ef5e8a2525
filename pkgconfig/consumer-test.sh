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

# consume STAGE PACKAGE FLAG...: compiles and runs; the stage is where the prefix really is.
consume() {
	stage=$1
	package=$2
	shift 2
	PKG_CONFIG_PATH=$(dirname "$(find "$stage" -name extmgr.pc)")
	export PKG_CONFIG_PATH
	prefix=$(dirname "$(dirname "$(find "$stage" -type d -path '*include/extmgr')")")
	flags=$(pkg-config --define-variable=prefix="$prefix" --cflags --libs "$@" "$package")
	[ "$package" = extmgr ] || flags="-DWITH_DRIVERS $flags"
	# shellcheck disable=SC2086  # words
	$cc -std=c99 -pedantic -Wall -Wextra -Werror "$source/pkgconfig/consumer.c" -o consumer $flags
	LD_LIBRARY_PATH=${PKG_CONFIG_PATH%/pkgconfig} ./consumer
}

echo "shared:"
DESTDIR=$work/shared meson install -C "$build" --no-rebuild --quiet
consume "$work/shared" extmgr
[ "$drivers" = no ] || consume "$work/shared" extmgr-drivers

# Without the drivers: Debian's unixodbc-dev does not bring all that a static link of it needs.
echo "static:"
meson setup build-static "$source" -Ddefault_library=static -Dtests=false -Dexamples=false \
	-Dodbc=disabled >setup.log || { cat setup.log; exit 1; }
ninja -C build-static >build.log || { tail -n 30 build.log; exit 1; }
DESTDIR=$work/static meson install -C build-static --no-rebuild --quiet
consume "$work/static" extmgr --static
if ldd ./consumer | grep libextmgr; then
	echo "the static consumer needs the shared library"
	exit 1
fi
