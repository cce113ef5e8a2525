/* SPDX-License-Identifier: MIT */
/* Versions: SemVer 2.0 (https://semver.org), the order of versions that are not, and ranges. */
#ifndef EXTMGR_BASE_SEMVER_H
#define EXTMGR_BASE_SEMVER_H

#include <stdbool.h>
#include <stdint.h>

struct extmgr__semver {
	uint64_t major;
	uint64_t minor;
	uint64_t patch;
	const char *prerelease; /* points into the text; length 0: none */
	int prerelease_length;
};

/* Reads a full version "1.2.3-rc.1+build". */
bool extmgr__semver_parse(const char *text, struct extmgr__semver *version);
/* Reads also the short forms "0" and "0.5", as Go's semver does (EX 3.2). */
bool extmgr__semver_parse_short(const char *text, struct extmgr__semver *version);
/*
 * Orders two versions: <0, 0, >0. Build metadata does not count. A text that is no version is lower
 * than every version, and such texts are ordered by their bytes.
 */
int extmgr__semver_compare(const char *a, const char *b);

/*
 * Ranges of versions: comparators with blanks between, all of which must hold, such as ">=1.2 <2".
 * The operators are =, >, >=, < and <=; a version alone is the lowest that is allowed. Short
 * versions are as with zeroes behind.
 */
bool extmgr__range_is_valid(const char *range);
/* Whether the version, which may be short, lies in a valid range; not when it is no version. */
bool extmgr__range_holds(const char *range, const char *version);

#endif
