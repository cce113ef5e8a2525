/* SPDX-License-Identifier: MIT */
/*
 * Who looks on while an operation runs, and may end it: a plan that is being made, or one that is
 * kept to. Every function gets user_data; a failure ends the operation.
 */
#ifndef EXTMGR_MANAGER_OBSERVER_H
#define EXTMGR_MANAGER_OBSERVER_H

#include "manager/report.h"
#include "params/params.h"

struct extmgr__work;

struct extmgr__observer {
	void *user_data;
	/* Statements of kind "execute" are not sent, the transaction is read-only, nothing is
	 * verified. */
	bool skips;
	/* The transaction is open, nothing has run in it. work: borrowed until finished(). */
	extmgr_result (*opened)(void *user_data, const struct extmgr__work *work,
				extmgr_error **error);
	/* The accepted parameter values; secret ones are hidden from now on. */
	extmgr_result (*parameters)(void *user_data, const struct extmgr__parameter_values *values,
				    extmgr_error **error);
	/* A statement that passed the guard, before it is sent; masked when it must be. */
	extmgr_result (*statement)(void *user_data, const struct extmgr__statement *statement,
				   extmgr_error **error);
	/* All went well, the transaction still stands. unchanged: there was nothing to do. */
	extmgr_result (*finished)(void *user_data, const struct extmgr__report_facts *facts,
				  bool unchanged, extmgr_error **error);
};

#endif
