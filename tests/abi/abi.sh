# SPDX-License-Identifier: MIT
# Sourced: libabigail with the flags that notice changes. Without --exported-interfaces-only the
# types of Duktape get in; with --no-show-locs, or with --drop-private-types in abidiff, changes of
# structs are not seen. The header folder must be the installed one: version.h is generated.

# make_baseline LIBRARY HEADERS FILE
make_baseline() {
	abidw --headers-dir "$2" --drop-private-types --exported-interfaces-only \
		--no-corpus-path --no-comp-dir-path --out-file "$3" "$1"
}

# compare_with_baseline FILE LIBRARY HEADERS: 0 when equal, else libabigail's bits: 4 changed,
# 8 incompatible.
compare_with_baseline() {
	abidiff --headers-dir2 "$3" --exported-interfaces-only "$1" "$2"
}
