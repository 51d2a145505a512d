/*
 * "lanekeys policy": signs what policy_args.c put together, and reads the
 * result back the way a unit will before it saves it.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/wipe.h"
#include "hal/crypto_private.h"

#include "../common/file.h"
#include "../common/say.h"
#include "commands.h"
#include "policy_args.h"

enum { DAY_S = 86400, HOUR_S = 3600 };

static int
set_times(struct policy_wish *w)
{
	struct policy *p = &w->policy;
	int64_t now = (int64_t)time(NULL);

	if (p->not_before_s == 0)
		p->not_before_s = now - now % HOUR_S;
	if (p->not_after_s == 0)
		p->not_after_s = p->not_before_s + (w->valid_days ? w->valid_days : 365) * DAY_S;
	else if (w->valid_days) {
		say_trouble("--valid-days and --not-after: give one of them");
		return -EINVAL;
	}
	if (p->not_before_s < p->not_after_s && p->not_after_s > now)
		return 0;
	say_trouble("this policy would never be valid: it ends before it begins, or has ended already");
	return -EINVAL;
}

static int
check_roles(const struct policy *p)
{
	int agency = 0;

	for (uint32_t i = 0; i < p->n_recipients; i++)
		agency |= strcmp(p->recipients[i].role, "agency") == 0;
	for (uint32_t i = 0; i < p->n_required; i++) {
		int there = 0;

		for (uint32_t k = 0; k < p->n_recipients; k++)
			there |= strcmp(p->required[i], p->recipients[k].role) == 0;
		if (!there) {
			say_trouble("--require %s: no --recipient %s=FILE was given", p->required[i],
				    p->required[i]);
			return -EINVAL;
		}
	}
	if (agency && p->n_recipients >= 2)
		return 0;
	say_trouble(
	    "a policy needs --recipient agency=FILE and at least one more, such as --recipient escrow=FILE");
	return -EINVAL;
}

static int
sign(void *key, const uint8_t hash[CRYPTO_HASH_BYTES], uint8_t signature[CRYPTO_SIGNATURE_BYTES])
{
	return hal_crypto_sign(key, hash, signature);
}

/* Returns the length, after a reader that trusts this key has accepted the bytes. */
static int64_t
write_signed(const struct policy *p, struct hal_crypto_private *key, struct space into)
{
	uint8_t point[1][CRYPTO_POINT_BYTES];
	struct policy back;
	int64_t n;
	int err;

	n = policy_write(p, into, sign, key);
	if (n < 0)
		return n;
	err = hal_crypto_private_point(key, point[0]);
	if (err == 0)
		err = policy_read(&back, SPAN(into.p, (size_t)n), (const uint8_t(*)[CRYPTO_POINT_BYTES])point,
				  1);
	return err < 0 ? err : n;
}

static int
open_signer(const struct policy_wish *w, struct hal_crypto_private **key)
{
	uint8_t scalar[CRYPTO_SCALAR_BYTES];
	EVP_PKEY *loaded = NULL;
	int err;

	err = key_load_private(w->key, &w->lock, &loaded);
	if (err < 0)
		return err;
	err = key_scalar(loaded, scalar);
	if (err == 0)
		err = hal_crypto_private_open(key, scalar);
	wipe(scalar, sizeof(scalar));
	EVP_PKEY_free(loaded);
	if (err < 0)
		say_trouble("%s: this key cannot be used", w->key);
	return err;
}

int
command_policy(int argc, char **argv)
{
	static uint8_t bytes[POLICY_BYTES_MAX];
	static struct policy_wish w = {.policy = {.suite = 1}};
	struct hal_crypto_private *key = NULL;
	int64_t n;
	int err;

	policy_args_take(&w, argc, argv);
	if (w.bad || set_times(&w) < 0 || check_roles(&w.policy) < 0 || file_must_be_new(w.out) < 0)
		return 1;
	err = open_signer(&w, &key);
	if (err < 0)
		return 1;
	n = write_signed(&w.policy, key, SPACE_OF(bytes));
	hal_crypto_private_close(key);
	if (n < 0) {
		say_trouble("the policy cannot be made: %s", policy_trouble((int)n));
		return 1;
	}
	return file_create(w.out, 0644, SPAN(bytes, (size_t)n)) < 0;
}
