/* SPDX-License-Identifier: MIT */
/* What every unit test includes. cmocka wants these headers before its own. */
#ifndef EXTMGR_TEST_H
#define EXTMGR_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#endif
