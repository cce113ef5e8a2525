/* SPDX-License-Identifier: MIT */
#include "host/lock.h"

#include "base/hash.h"
#include "base/options.h"
#include "base/text.h"
#include "host/context.h"
#include "host/host_error.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define MAXIMUM_ID 255
#define KEY_PREFIX "extension_name="

struct extmgr_lock {
	atomic_size_t references;
	extmgr_lock_callbacks callbacks;
	void *user_data;
};

void extmgr_lock_callbacks_init(extmgr_lock_callbacks *callbacks, uint32_t struct_size)
{
	extmgr__options_init(callbacks, sizeof(*callbacks), struct_size);
}

static extmgr_result callbacks_read(extmgr_lock_callbacks *copy,
				    const extmgr_lock_callbacks *callbacks, extmgr_error **error)
{
	extmgr_result result;

	if (!callbacks)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "callbacks is NULL");
	result = extmgr__options_copy(copy, sizeof(*copy), callbacks,
				      EXTMGR__SIZE_UP_TO(extmgr_lock_callbacks, destroy),
				      "extmgr_lock_callbacks", error);
	if (result != EXTMGR_OK)
		return result;
	if (copy->flags)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_lock_callbacks: unknown flags 0x%x",
					 (unsigned)copy->flags);
	if (!copy->acquire || !copy->release)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_lock_callbacks: %s is missing",
					 copy->acquire ? "release" : "acquire");
	return EXTMGR_OK;
}

extmgr_result extmgr_lock_new(const extmgr_lock_callbacks *callbacks, void *user_data,
			      extmgr_lock **lock_out, extmgr_error **error_out)
{
	extmgr_lock_callbacks copy = {0};
	extmgr_lock *lock;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!lock_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "lock_out is NULL");
	*lock_out = NULL;
	result = callbacks_read(&copy, callbacks, error_out);
	if (result != EXTMGR_OK)
		return result;
	lock = calloc(1, sizeof(*lock));
	if (!lock)
		return extmgr__error_no_memory(error_out);
	atomic_init(&lock->references, 1);
	lock->callbacks = copy;
	lock->user_data = user_data;
	*lock_out = lock;
	return EXTMGR_OK;
}

extmgr_lock *extmgr__lock_ref(extmgr_lock *lock)
{
	if (lock)
		atomic_fetch_add_explicit(&lock->references, 1, memory_order_relaxed);
	return lock;
}

void extmgr__lock_unref(extmgr_lock *lock)
{
	if (!lock || atomic_fetch_sub(&lock->references, 1) != 1)
		return;
	if (lock->callbacks.destroy)
		lock->callbacks.destroy(lock->user_data);
	free(lock);
}

void extmgr_lock_free(extmgr_lock *lock)
{
	extmgr__lock_unref(lock);
}

extmgr_result extmgr__lock_acquire(extmgr_lock *lock, extmgr_operation *operation, const char *id,
				   uint64_t timeout_ms, void **held_out, extmgr_error **error)
{
	struct extmgr__buffer key = EXTMGR__BUFFER(sizeof(KEY_PREFIX) + MAXIMUM_ID);
	struct extmgr_host_error said = {0};
	extmgr_result result;

	*held_out = NULL;
	if (!lock)
		return EXTMGR_OK;
	extmgr__buffer_puts(&key, KEY_PREFIX);
	extmgr__buffer_puts(&key, id);
	result = extmgr__buffer_result(&key);
	if (result == EXTMGR_OK) {
		result = lock->callbacks.acquire(lock->user_data, operation, EXTMGR_LOCK_NAMESPACE,
						 extmgr__buffer_get(&key), timeout_ms, held_out,
						 &said);
		result = extmgr__host_error_take(&said, result, "cannot take the host's lock",
						 error);
	} else {
		extmgr__error_from_result(error, result, "the key of a lock");
	}
	extmgr__buffer_free(&key);
	return result == EXTMGR_OK ? EXTMGR_OK
				   : extmgr__operation_explain(operation, result, error);
}

void extmgr__lock_release(extmgr_lock *lock, void *held)
{
	if (lock)
		lock->callbacks.release(lock->user_data, held);
}

/* ---- The key as Superset computes it ---- */

static void put_code_unit(struct extmgr__buffer *text, uint32_t unit)
{
	extmgr__buffer_printf(text, "\\u%04" PRIx32, unit);
}

/* As Python's json.dumps() writes a string: all that is not printable ASCII is escaped. */
static void put_python_json(struct extmgr__buffer *text, const char *string)
{
	static const char plain[] = "\"\\\b\f\n\r\t";
	static const char escaped[] = "\"\\bfnrt";
	size_t length = strlen(string);
	size_t at = 0;

	while (at < length) {
		uint32_t point = (uint32_t)extmgr__utf8_next(string, length, &at);
		const char *special = point < 0x80 ? strchr(plain, (int)point) : NULL;

		if (special) {
			extmgr__buffer_putc(text, '\\');
			extmgr__buffer_putc(text, escaped[special - plain]);
		} else if (point >= 0x20 && point < 0x7f) {
			extmgr__buffer_putc(text, (char)point);
		} else if (point < 0x10000) {
			put_code_unit(text, point);
		} else {
			put_code_unit(text, 0xd7c0 + (point >> 10));
			put_code_unit(text, 0xdc00 + (point & 0x3ff));
		}
	}
}

static extmgr_text *format_uuid(const unsigned char uuid[16], extmgr_result *result)
{
	struct extmgr__buffer text = EXTMGR__BUFFER(36);

	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			extmgr__buffer_putc(&text, '-');
		extmgr__buffer_printf(&text, "%02x", uuid[i]);
	}
	return extmgr__buffer_take_text(&text, result);
}

static extmgr_result compute_uuid(const char *id, unsigned char uuid[16])
{
	static const unsigned char dns[16] = {0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1,
					      0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};
	struct extmgr__buffer name = EXTMGR__BUFFER(64 + (size_t)6 * MAXIMUM_ID);
	unsigned char name_space[16];
	extmgr_result result;

	extmgr__buffer_puts(&name, "{\"extension_name\": \"");
	put_python_json(&name, id);
	extmgr__buffer_puts(&name, "\"}");
	result = extmgr__buffer_result(&name);
	if (result == EXTMGR_OK)
		result = extmgr__hash_uuid5(dns, EXTMGR_LOCK_NAMESPACE,
					    strlen(EXTMGR_LOCK_NAMESPACE), name_space);
	if (result == EXTMGR_OK)
		result = extmgr__hash_uuid5(name_space, extmgr__buffer_get(&name), name.length,
					    uuid);
	extmgr__buffer_free(&name);
	return result;
}

extmgr_result extmgr_lock_get_uuid(const char *id, extmgr_text **text_out, extmgr_error **error_out)
{
	unsigned char uuid[16];
	extmgr_result result;
	size_t length;

	if (error_out)
		*error_out = NULL;
	if (text_out)
		*text_out = NULL;
	if (!id || !text_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "%s is NULL",
					 id ? "text_out" : "id");
	length = strnlen(id, MAXIMUM_ID + 1);
	if (length == 0 || length > MAXIMUM_ID)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "an extension id has 1 to %d bytes", MAXIMUM_ID);
	if (!extmgr__utf8_is_valid(id, length))
		return extmgr__error_set(error_out, EXTMGR_E_FORMAT,
					 "the extension id is not valid UTF-8");
	result = compute_uuid(id, uuid);
	if (result == EXTMGR_OK)
		*text_out = format_uuid(uuid, &result);
	return result == EXTMGR_OK ? EXTMGR_OK
				   : extmgr__error_from_result(error_out, result, "a lock's key");
}
