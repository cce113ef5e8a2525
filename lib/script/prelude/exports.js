/* SPDX-License-Identifier: MIT */
/* What the library calls itself. */

return { fill: fill, drain: drain, inspect: inspect };
