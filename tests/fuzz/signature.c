/* SPDX-License-Identifier: MIT */
/* Signature files: nothing but what the key signed is good. */
#include "bundle/signature.h"

#include <extmgr/extmgr.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static extmgr_trust *trust;
	const struct extmgr__trusted_key *key;
	extmgr_error *error = NULL;
	char *comment = NULL;
	extmgr_result result;

	if (!trust && (extmgr_trust_new(&trust, NULL) != EXTMGR_OK ||
		       extmgr_trust_add_key(trust,
					    "RWSJ1rT3ifZXVwJ/r+9gZNVJ6GWewaiHgafEh3lLigTIT/IeawIoHi"
					    "D1",
					    NULL, 0, NULL) != EXTMGR_OK))
		abort();
	result = extmgr__signature_verify(trust, "it", (const char *)data, size, "content", 7, &key,
					  &comment, &error);
	/* Nothing was ever signed with this key over this content. */
	if (result == EXTMGR_OK || comment || !error)
		abort();
	extmgr_error_free(error);
	return 0;
}
