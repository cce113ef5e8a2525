/* SPDX-License-Identifier: MIT */
/*
 * The one table of routes: requests are matched with it, the OpenAPI document is written from it,
 * tests go through it.
 */
#ifndef EXTMGR_REST_ROUTE_H
#define EXTMGR_REST_ROUTE_H

#include "rest/body.h"
#include "rest/url.h"

#define EXTMGR__REST_BASE "/api/v1/extensionmanager"

/* Needs no credentials and no target, and is not in the OpenAPI document. */
#define EXTMGR__ROUTE_OPEN 1u
/* Touches the host's own catalog, and no target: off without a catalog and authorize(). */
#define EXTMGR__ROUTE_CATALOG 2u
/* The last variable takes the rest of the path, slashes and all; answers the bytes of a file. */
#define EXTMGR__ROUTE_FILE 4u
/* Takes the credentials of a target, and does not use them. */
#define EXTMGR__ROUTE_NO_TARGET 8u

struct extmgr__exchange;

struct extmgr__route_answer {
	int status; /* 0: the end of a list */
	const char *description;
	const char *example; /* JSON */
};

struct extmgr__route {
	const char *method;
	const char *path; /* with {names} of variables */
	unsigned flags;
	const char *operation_id;
	const char *tag;
	const char *summary;
	extmgr_result (*run)(struct extmgr__exchange *exchange, extmgr_error **error);
	const struct extmgr__shape *body; /* NULL: it is not read */
	const char *body_schema;          /* component; NULL: none, "": an object */
	const char *body_example;         /* JSON */
	int status;                       /* of success */
	const char *description;          /* of success */
	const char *schema;               /* component of success; NULL: no body, "": an object */
	const char *example;              /* JSON */
	const struct extmgr__route_answer *errors; /* beside the default one; NULL: none */
};

extern const struct extmgr__route extmgr__routes[];
extern const size_t extmgr__route_count;

#define EXTMGR__ROUTE_VARIABLES 3

struct extmgr__route_match {
	const struct extmgr__route *route;
	const char *variables[EXTMGR__ROUTE_VARIABLES]; /* in the order of the path */
	size_t file_segment; /* of EXTMGR__ROUTE_FILE: where in the path that of the file begins */
	unsigned methods;    /* bits of extmgr__route_write_methods() that the path has */
};

/*
 * Finds the route; HEAD is as good as GET. with_catalog: routes of the catalog are on.
 * EXTMGR_E_ROUTE_NOT_FOUND; EXTMGR_E_METHOD_NOT_ALLOWED, also for OPTIONS: match->methods tells
 * what the path has.
 */
extmgr_result extmgr__route_find(const char *method, const struct extmgr__url *url,
				 bool with_catalog, struct extmgr__route_match *match,
				 extmgr_error **error);
/* The methods as in the header Allow. */
void extmgr__route_write_methods(unsigned methods, char *out, size_t size);

#endif
