/*
 * Makes chain entries: what was sealed, or that the unit lives, or what is not there;
 * which number it has, what came before, how good the clock was. Signs with the unit's key.
 */
#include <errno.h>
#include <string.h>

#include "base/wipe.h"
#include "hal/keystore.h"
#include "spool/chain.h"

static int
sign(void *key, const uint8_t hash[CRYPTO_HASH_BYTES], uint8_t signature[CRYPTO_SIGNATURE_BYTES])
{
	return hal_crypto_sign(key, hash, signature);
}

int
chain_open(struct chain *c, int key_fd, const char *unit)
{
	int err;

	*c = (struct chain){.key = NULL};
	if (unit[0] == '\0' || strlen(unit) >= sizeof(c->unit))
		return -EINVAL;
	memcpy(c->unit, unit, strlen(unit));
	err = hal_keystore_open(&c->key, key_fd);
	if (err < 0)
		return err;
	err = hal_crypto_private_point(c->key, c->point);
	if (err == 0)
		err = record_key_id(c->point, c->key_id);
	if (err < 0)
		chain_close(c);
	return err;
}

void
chain_close(struct chain *c)
{
	hal_crypto_private_close(c->key);
	wipe(c, sizeof(*c));
}

int
chain_accepts(const struct chain *c, const struct sealed *s)
{
	struct record_header h;

	return record_header_decode(&h, s->header) == 0 && h.passage == s->passage && s->body.n > 0 &&
	       strncmp(h.unit, c->unit, sizeof(h.unit)) == 0;
}

/* ---- the clock ---- */

void
chain_resume(struct chain *c, int64_t said_s)
{
	c->said_s = said_s;
}

/*
 * By how many seconds the clock was set since the entry before. Within one life of this process it is held
 * against a clock that nobody can set. Over a restart only what cannot be otherwise is said: that it went back,
 * or that the unit was off for more than a day, or its clock was set forward.
 */
static int64_t
set_since(const struct chain *c, const struct hal_clock_state *clock)
{
	int64_t s;

	if (c->anchored) {
		s = (clock->utc_us - clock->running_us - c->ahead_us) / 1000000;
		return s >= CHAIN_CLOCK_SET_S || s <= -CHAIN_CLOCK_SET_S ? s : 0;
	}
	s = clock->utc_us / 1000000 - c->said_s;
	return c->said_s > 0 && (s <= -CHAIN_CLOCK_SET_S || s > CHAIN_CLOCK_OFF_S) ? s : 0;
}

void
chain_taken(struct chain *c, const struct chain_link *made)
{
	c->anchored = 1;
	c->ahead_us = made->clock.utc_us - made->clock.running_us;
}

/* ---- entries ---- */

/* Number, link and clock, signature, and the link for the next. */
static int
finish(const struct chain *c, const struct store_head *head, struct record_entry *e, struct chain_link *out)
{
	const struct hal_clock_state *clock = &out->clock;
	struct span made;
	int64_t n;
	int err;

	err = hal_clock_read(&out->clock);
	if (err < 0)
		return err;
	out->clock_set_s = set_since(c, clock);
	e->boot = head->boot;
	e->sequence = head->sequence + 1;
	e->clock = clock->quality;
	e->clock_error_ms = clock->error_ms;
	e->clock_source = clock->source;
	e->holdover_s = clock->holdover_s;
	e->clock_set_s = out->clock_set_s;
	e->time_s = clock->utc_us > 0 ? clock->utc_us / 1000000 : 0;
	memcpy(e->unit, c->unit, sizeof(e->unit));
	memcpy(e->previous, head->link, sizeof(e->previous));
	n = record_entry_sign(e, c->key_id, sign, c->key, SPACE_OF(out->sign1));
	if (n < 0)
		return (int)n;
	out->bytes = (size_t)n;
	made = SPAN(out->sign1, out->bytes);
	return hal_crypto_sha256(&made, 1, out->link);
}

int
chain_sign(const struct chain *c, const struct store_head *head, const struct sealed *s,
	   struct chain_link *out)
{
	struct record_entry e = {.kind = ENTRY_PASSAGE, .header = s->header, .body_bytes = s->body.n};
	int err = hal_crypto_sha256(&s->body, 1, e.body_hash);

	return err < 0 ? err : finish(c, head, &e, out);
}

int
chain_sign_light(const struct chain *c, const struct store_head *head, const struct record_entry *what,
		 struct chain_link *out)
{
	struct record_entry e = *what;

	CHECK(e.kind != ENTRY_PASSAGE && e.header.n == 0 && e.body_bytes == 0);
	return finish(c, head, &e, out);
}
