/*
 * The spool room: takes sealed passages, makes each a numbered, chained and signed record
 * on disk, says at fixed times that it lives, and says what it does not have. It hands
 * records on for delivery, one at a time. It never sees a pixel; what it stores it cannot open.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log_text.h"
#include "base/pipe.h"
#include "base/room.h"
#include "base/wipe.h"
#include "doors/health/health.h"
#include "doors/parcel/parcel.h"
#include "doors/vitals/vitals.h"
#include "hal/clock.h"
#include "hal/crypto.h"
#include "spool/chain.h"
#include "spool/store.h"

enum {
	RETRY_FIRST_MS = 1000,
	RETRY_LAST_MS = 60000,
	LOOK_AGAIN_MS = 1000,       /* at a door where an old parcel still lies */
	RECEIPT_PATIENCE_MS = 2000, /* for the last receipt, when asked to leave */
	MARKS_EVERY = 64,           /* deliveries that may be made again after a power cut */
	PAGE_MS = 86400 * 1000,     /* a segment is closed after a day, so that old ones can go */
	DAY_S = 86400,
	/* Set by more than a day, a clock must run for a day before it makes records old: time to set it right. */
	JUMP_S = DAY_S,
	STEADY_MS = DAY_S * 1000,
	MIB = 1 << 20,
};

/* What the policy lets go undelivered, as the warden says it. */
enum { DROP_AGED = 1, DROP_FOR_SPACE = 2 };

struct delivery {
	struct store_entry in_flight;
	int waiting;           /* for the receipt of in_flight */
	int idle;              /* nothing was due when last asked */
	unsigned int unsaved;  /* receipts since the marks were saved */
	int64_t not_before_ms; /* the next offer */
	int64_t wait_ms;       /* after the next failure */
};

struct spool {
	struct store store;
	struct chain chain;
	struct pipe_in sealed, receipts, health;
	struct pipe_out answers, parcels;
	struct delivery delivery;
	int64_t stored, repeated, full, heartbeats, gaps, lost, dropped, clock_sets;
	int64_t beat_ms, page_ms; /* when the next is due */
	int64_t ages_ms;          /* before this moment ages say nothing: the clock was set by much */
	int64_t every_s;          /* heartbeats */
	int drop;                 /* DROP_* */
	int64_t uncounted;        /* passages that were not sealed, not stated yet */
	int is_full;              /* said so already */
};

static uint8_t sealed_room[SEALED_MESSAGE_MAX];
static uint8_t receipt_room[PARCEL_RECEIPT_BYTES];
static uint8_t health_room[HEALTH_MESSAGE_BYTES];
static uint8_t record_room[PARCEL_RECORD_MAX];
static uint8_t parcel_room[PARCEL_MESSAGE_MAX];
static struct spool spool;

static void
tell_all(const struct spool *sp)
{
	vitals_tell(VITAL_stored, sp->stored);
	vitals_tell(VITAL_repeated, sp->repeated);
	vitals_tell(VITAL_spool_records, (int64_t)store_count(&sp->store));
	vitals_tell(VITAL_spool_bytes, (int64_t)sp->store.bytes);
	vitals_tell(VITAL_spool_full, sp->full);
	vitals_tell(VITAL_heartbeats, sp->heartbeats);
	vitals_tell(VITAL_gaps, sp->gaps);
	vitals_tell(VITAL_records_lost, sp->lost);
	vitals_tell(VITAL_records_dropped, sp->dropped);
	vitals_tell(VITAL_doors_resynced,
		    (int64_t)(sp->sealed.passed_over + sp->receipts.passed_over + sp->health.passed_over));
}

/* ---- what every entry brings with it ---- */

/* The entry is on disk. What its clock says is told to people as well. */
static void
note_clock(struct spool *sp, const struct chain_link *made)
{
	const struct hal_clock_state *clock = &made->clock;

	chain_taken(&sp->chain, made);
	store_written_at(&sp->store, clock->utc_us / 1000000);
	vitals_tell(VITAL_clock, clock->quality);
	vitals_tell(VITAL_clock_source, clock->source);
	vitals_tell(VITAL_clock_error_ms, clock->error_ms);
	vitals_tell(VITAL_clock_holdover_s, clock->holdover_s);
	if (made->clock_set_s == 0)
		return;
	vitals_tell(VITAL_clock_sets, ++sp->clock_sets);
	log_event(LOG_WARN, "clock_set", "seconds", made->clock_set_s, "utc_s", clock->utc_us / 1000000, "clock",
		  clock->quality);
	if (made->clock_set_s > JUMP_S || made->clock_set_s < -JUMP_S)
		sp->ages_ms = clock_ms(CLOCK_MONOTONIC) + STEADY_MS;
}

/* ---- entries without a body ---- */

static int
append_light(struct spool *sp, const struct record_entry *what)
{
	static struct chain_link made;
	int err = store_room(&sp->store, RECORD_SIGN1_MAX, 1);

	if (err < 0)
		return err;
	CHECK(chain_sign_light(&sp->chain, &sp->store.head, what, &made) == 0);
	err = store_append(&sp->store, NULL, made.link, SPAN(made.sign1, made.bytes), SPAN(NULL, 0));
	if (err < 0)
		return err;
	note_clock(sp, &made);
	sp->delivery.idle = 0;
	return 0;
}

static int
state_gap(struct spool *sp, const struct store_lost *lost)
{
	struct record_entry gap = {.kind = ENTRY_GAP,
				   .gap_first = lost->first,
				   .gap_count = lost->count,
				   .gap_reason = lost->reason};
	int err = append_light(sp, &gap);

	log_event(err < 0 ? LOG_ERROR : LOG_WARN, err < 0 ? "gap_not_stated" : "gap", "first", lost->first, "count",
		  lost->count, "reason", lost->reason, "errno", -err);
	sp->gaps += err == 0;
	return err;
}

/* What recovery found missing is said before anything else goes into the chain. */
static int
pay_owed(struct spool *sp)
{
	struct store_lost *owed = &sp->store.owed;
	int err = owed->count > 0 ? state_gap(sp, owed) : 0;

	if (err < 0 || owed->count == 0)
		return err;
	sp->lost += owed->reason == GAP_DAMAGED ? (int64_t)owed->count : 0;
	owed->count = 0;
	return 0;
}

/* Counts only: these passages never had a number. */
static int
state_uncounted(struct spool *sp)
{
	struct store_lost none = {.count = (uint64_t)sp->uncounted, .reason = GAP_NO_POLICY};
	int err = sp->uncounted > 0 ? state_gap(sp, &none) : 0;

	if (err == 0)
		sp->uncounted = 0;
	return err;
}

/* Undelivered records go, and a gap says so first. -ENOENT: there are none. */
static int
drop_oldest(struct spool *sp, uint8_t reason)
{
	struct store_lost lost, said;
	uint64_t counted;
	int err = store_drop_what(&sp->store, &lost);

	if (err < 0)
		return err;
	lost.reason = reason;
	said = lost;
	counted = store_drop_says(&sp->store, &said);
	err = state_gap(sp, &said);
	if (err == 0)
		err = store_drop(&sp->store, &lost);
	if (err < 0)
		return err;
	sp->dropped += (int64_t)lost.count;
	sp->uncounted += (int64_t)counted;
	return 0;
}

/* Only a clock that somebody vouches for can say that a record is old. */
static void
drop_aged(struct spool *sp)
{
	struct hal_clock_state clock;
	int err = 0;

	CHECK(hal_clock_read(&clock) == 0);
	if (clock.quality < CLOCK_SYNCED || clock_ms(CLOCK_MONOTONIC) < sp->ages_ms)
		return;
	while (err == 0 && store_aged(&sp->store, clock.utc_us / 1000000)) {
		err = store_delete_delivered(&sp->store);
		if (err == -ENOSPC && (sp->drop & DROP_AGED))
			err = drop_oldest(sp, GAP_AGE);
	}
}

static void
save_marks(struct spool *sp)
{
	int err = sp->delivery.unsaved > 0 ? store_save_marks(&sp->store) : 0;

	if (err < 0)
		log_event(LOG_WARN, "marks_not_saved", "errno", -err);
	else
		sp->delivery.unsaved = 0;
}

/* Says that the unit lives, and does what has to be done from time to time. */
static void
beat(struct spool *sp)
{
	struct record_entry e = {.kind = ENTRY_HEARTBEAT, .interval_s = (uint32_t)sp->every_s};
	int err;

	sp->beat_ms = clock_ms(CLOCK_MONOTONIC) + sp->every_s * 1000;
	if (clock_ms(CLOCK_MONOTONIC) >= sp->page_ms) {
		store_turn_page(&sp->store);
		sp->page_ms = clock_ms(CLOCK_MONOTONIC) + PAGE_MS;
	}
	err = pay_owed(sp);
	if (err == 0)
		err = state_uncounted(sp);
	if (err == 0)
		err = append_light(sp, &e);
	sp->heartbeats += err == 0;
	/* Not when the clock was not stated: it may have been set. */
	if (err < 0)
		log_event(LOG_ERROR, "no_heartbeat", "errno", -err);
	else
		drop_aged(sp);
	save_marks(sp);
	tell_all(sp);
}

/* ---- passages come in ---- */

static void
say_hello(struct spool *sp)
{
	CHECK(pipe_send(&sp->answers, SEALED_HELLO_TYPE, SPAN(NULL, 0)) == 0);
}

static void
answer(struct spool *sp, uint64_t passage, uint8_t how)
{
	struct sealed_ack ack = {.passage = passage, .answer = how};
	uint8_t bytes[SEALED_ACK_BYTES];

	CHECK(sealed_ack_encode(&ack, SPACE_OF(bytes)) >= 0);
	CHECK(pipe_send(&sp->answers, SEALED_ACK_TYPE, SPAN_OF(bytes)) == 0);
}

/* The disk says no: that is an ordinary answer, and the passage stays with those who still hold it. */
static uint8_t
refuse(struct spool *sp, int err)
{
	sp->full++;
	if (!sp->is_full)
		log_text(LOG_ERROR, "cannot store: %s; %llu records, %llu bytes held; passages wait in memory",
			 strerror(-err), (unsigned long long)store_count(&sp->store),
			 (unsigned long long)sp->store.bytes);
	sp->is_full = 1;
	return SEALED_FULL;
}

static int
make_room(struct spool *sp, uint64_t bytes)
{
	int err = pay_owed(sp);

	while (err == 0) {
		err = store_room(&sp->store, bytes, 0);
		if (err != -ENOSPC || !(sp->drop & DROP_FOR_SPACE))
			return err;
		err = drop_oldest(sp, GAP_SPACE);
	}
	return err == -ENOENT ? -ENOSPC : err;
}

static uint8_t
keep(struct spool *sp, const struct sealed *s)
{
	static struct chain_link made;
	int err;

	err = make_room(sp, RECORD_SIGN1_MAX + s->body.n);
	if (err < 0)
		return refuse(sp, err);
	CHECK(chain_sign(&sp->chain, &sp->store.head, s, &made) == 0);
	err = store_append(&sp->store, &s->passage, made.link, SPAN(made.sign1, made.bytes), s->body);
	if (err < 0)
		return refuse(sp, err);
	note_clock(sp, &made);
	sp->stored++;
	sp->is_full = 0;
	sp->delivery.idle = 0;
	return SEALED_STORED;
}

static void
take_sealed(struct spool *sp, uint8_t type, struct span message)
{
	struct sealed s;

	if (type == SEALED_COUNTED_TYPE) {
		CHECK(message.n == 0);
		sp->uncounted++;
		return;
	}
	CHECK(type == SEALED_TYPE && sealed_decode(&s, message) == 0);
	CHECK(chain_accepts(&sp->chain, &s));
	if (store_knows(&sp->store, s.passage)) {
		sp->repeated++;
		answer(sp, s.passage, SEALED_STORED);
	} else {
		answer(sp, s.passage, keep(sp, &s));
	}
	tell_all(sp);
}

/* Takes at most one, so that neither door starves the other. Returns 1 when it took one. */
static int
take_one_sealed(struct spool *sp)
{
	struct span message;
	uint8_t type;
	int got = pipe_receive(&sp->sealed, &type, &message);

	CHECK(got >= 0);
	if (got == 1)
		take_sealed(sp, type, message);
	return got == 1;
}

/* ---- the unit's health ---- */

/* At most one. A statement that the disk does not take is left out: the next says more. */
static void
take_health(struct spool *sp)
{
	struct record_entry e = {.kind = ENTRY_HEALTH};
	struct span message;
	uint8_t type;
	int got = pipe_receive(&sp->health, &type, &message), err;

	CHECK(got >= 0);
	if (got == 0)
		return;
	CHECK(type == HEALTH_TYPE && health_decode(&e.health, message) == 0);
	err = pay_owed(sp);
	if (err == 0)
		err = append_light(sp, &e);
	if (err < 0)
		log_event(LOG_ERROR, "no_health", "errno", -err);
}

/* ---- parcels go out ---- */

/*
 * Something of an earlier offer still lies at the door: nobody reads there now,
 * and a second parcel might not fit and would hold up the storing of passages.
 */
static int
door_is_clear(const struct spool *sp)
{
	int bytes;

	CHECK(ioctl(sp->parcels.fd, FIONREAD, &bytes) == 0);
	return bytes == 0;
}

static void
send_parcel(struct spool *sp, const struct store_entry *e, struct span record)
{
	struct parcel p = {.boot = e->boot, .sequence = e->sequence, .record = record};
	int64_t n = parcel_encode(&p, SPACE_OF(parcel_room));

	CHECK(n > 0 && pipe_send(&sp->parcels, PARCEL_TYPE, SPAN(parcel_room, (size_t)n)) == 0);
	sp->delivery.in_flight = *e;
	sp->delivery.waiting = 1;
}

/* The disk does not give it back: the chain says so, and what comes after is delivered. */
static int
set_aside(struct spool *sp, const struct store_lost *lost)
{
	int err = state_gap(sp, lost);

	if (err < 0)
		return err;
	store_give_up(&sp->store, lost);
	sp->lost += (int64_t)lost->count;
	return 0;
}

/* 1: a parcel is on its way; 0: ask again; STORE_NONE as -ENOENT: nothing is due; -errno: not now. */
static int
offer_next(struct spool *sp)
{
	struct store_lost lost;
	struct store_entry due;
	int got = store_due(&sp->store, &due, &lost);
	int64_t n;

	if (got == STORE_NONE)
		return -ENOENT;
	if (got == STORE_LOST)
		return set_aside(sp, &lost);
	if (got < 0)
		return got;
	n = store_read(&sp->store, &due, SPACE_OF(record_room));
	if (n == -EBADMSG) {
		lost = (struct store_lost){due.sequence, 1, GAP_DAMAGED};
		return set_aside(sp, &lost);
	}
	if (n < 0)
		return (int)n;
	send_parcel(sp, &due, SPAN(record_room, (size_t)n));
	return 1;
}

static void
offer(struct spool *sp)
{
	struct delivery *d = &sp->delivery;
	int got;

	if (d->waiting || d->idle || clock_ms(CLOCK_MONOTONIC) < d->not_before_ms)
		return;
	got = door_is_clear(sp) ? offer_next(sp) : -EAGAIN;
	d->idle = got == -ENOENT;
	if (got < 0 && got != -ENOENT)
		d->not_before_ms = clock_ms(CLOCK_MONOTONIC) + LOOK_AGAIN_MS;
	if (got < 0 && got != -ENOENT && got != -EAGAIN)
		log_event(LOG_ERROR, "cannot_offer", "errno", -got);
}

static void
take_receipt(struct spool *sp, const struct parcel_receipt *r)
{
	struct delivery *d = &sp->delivery;

	/* The answer to an offer that was made twice, around a restart. */
	if (!d->waiting || r->boot != d->in_flight.boot || r->sequence != d->in_flight.sequence)
		return;
	d->waiting = 0;
	if (r->answer == PARCEL_FAILED) {
		d->not_before_ms = clock_ms(CLOCK_MONOTONIC) + d->wait_ms;
		d->wait_ms = d->wait_ms * 2 < RETRY_LAST_MS ? d->wait_ms * 2 : RETRY_LAST_MS;
		return;
	}
	d->wait_ms = RETRY_FIRST_MS;
	store_delivered(&sp->store, &d->in_flight);
	if (++d->unsaved >= MARKS_EVERY)
		save_marks(sp);
	tell_all(sp);
}

static void
take_answer(struct spool *sp)
{
	struct parcel_receipt r;
	struct span message;
	uint8_t type;
	int got = pipe_receive(&sp->receipts, &type, &message);

	CHECK(got >= 0);
	if (got <= 0)
		return;
	if (type == PARCEL_HELLO_TYPE) {
		CHECK(message.n == 0);
		sp->delivery = (struct delivery){.wait_ms = RETRY_FIRST_MS, .unsaved = sp->delivery.unsaved};
		return;
	}
	CHECK(type == PARCEL_RECEIPT_TYPE && parcel_receipt_decode(&r, message) == 0);
	take_receipt(sp, &r);
}

/* ---- the beats ---- */

static int
pause_ms(const struct spool *sp)
{
	const struct delivery *d = &sp->delivery;
	int64_t until = sp->beat_ms, left;

	if (!d->waiting && !d->idle && d->not_before_ms < until)
		until = d->not_before_ms;
	left = until - clock_ms(CLOCK_MONOTONIC);
	return left > 0 ? (int)left : 0;
}

static void
work(struct spool *sp)
{
	struct pollfd doors[] = {
	    {.fd = ROOM_FD_IN, .events = POLLIN},
	    {.fd = ROOM_FD_OUT_ACK, .events = POLLIN},
	    {.fd = ROOM_FD_HEALTH, .events = POLLIN},
	};

	while (room_wait(doors, ARRAY_SIZE(doors), pause_ms(sp))) {
		if (doors[0].revents)
			(void)take_one_sealed(sp);
		if (doors[1].revents)
			take_answer(sp);
		if (doors[2].revents)
			take_health(sp);
		if (clock_ms(CLOCK_MONOTONIC) >= sp->beat_ms)
			beat(sp);
		offer(sp);
	}
}

/*
 * Asked to leave: what has come is stored, and what is due is offered as long as uplink
 * answers. What is left waits on the disk for the next start.
 */
static void
finish(struct spool *sp)
{
	struct pollfd door = {.fd = ROOM_FD_OUT_ACK, .events = POLLIN};
	int64_t until = clock_ms(CLOCK_MONOTONIC) + RECEIPT_PATIENCE_MS;

	while (take_one_sealed(sp))
		;
	take_health(sp);
	/* The last word of this boot: what is missing behind it was not cut off. */
	beat(sp);
	for (offer(sp); clock_ms(CLOCK_MONOTONIC) < until; offer(sp)) {
		if (!sp->delivery.waiting && (sp->delivery.idle || sp->delivery.not_before_ms >= until))
			break;
		CHECK(room_wait(&door, 1, 100) == 1);
		if (door.revents)
			take_answer(sp);
	}
}

static int
open_store(struct spool *sp)
{
	struct store_wish wish = {
	    .folder_fd = ROOM_FD_FOLDER,
	    .unit = room_setting_text("unit"),
	    .key_id = sp->chain.key_id,
	    .point = sp->chain.point,
	    .max_bytes = (uint64_t)room_setting("max_mib") * MIB,
	    .max_records = (uint64_t)room_setting("max_records"),
	    .free_floor = (uint64_t)room_setting("free_floor_mib") * MIB,
	    .max_age_s = room_setting("retention_days") * DAY_S,
	    .run = (uint64_t)room_setting("run"),
	    .first = room_setting("restarts") == 0,
	    .scratch = SPACE_OF(record_room),
	};
	struct store_found found;
	int err = store_open(&sp->store, &wish, &found);

	if (err < 0) {
		log_text(LOG_ERROR, "the spool folder cannot be used: %s", store_trouble(err));
		return err;
	}
	log_event(found.damaged ? LOG_ERROR : LOG_NOTE, "recovered", "boot", sp->store.head.boot, "sequence",
		  sp->store.head.sequence, "records", found.records, "damaged", found.damaged, "leftovers",
		  found.leftovers, "foreign", found.foreign);
	chain_resume(&sp->chain, found.said_s);
	return 0;
}

static int
open_all(struct spool *sp)
{
	int err;

	CHECK(hal_crypto_open() == 0);
	hal_clock_open();
	err = chain_open(&sp->chain, ROOM_FD_KEY, room_setting_text("unit"));
	if (err < 0) {
		log_text(
		    LOG_ERROR, "the unit's signing key cannot be used: %s",
		    err == -EBADMSG
			? "it is not the file that lanekeys makes (PKCS #8 DER of a P-256 key, 138 bytes)"
			: strerror(-err));
		return ROOM_EXIT_SETTINGS;
	}
	err = open_store(sp);
	if (err < 0)
		return store_is_mistake(err) ? ROOM_EXIT_SETTINGS : 1;
	pipe_in_init(&sp->sealed, ROOM_FD_IN, SPACE_OF(sealed_room));
	pipe_out_init(&sp->answers, ROOM_FD_IN_ACK);
	pipe_out_init(&sp->parcels, ROOM_FD_OUT);
	pipe_in_init(&sp->receipts, ROOM_FD_OUT_ACK, SPACE_OF(receipt_room));
	pipe_in_init(&sp->health, ROOM_FD_HEALTH, SPACE_OF(health_room));
	sp->delivery.wait_ms = RETRY_FIRST_MS;
	sp->every_s = room_setting("heartbeat_s");
	sp->drop = (int)room_setting("drop_undelivered");
	CHECK(sp->every_s >= 1 && sp->every_s <= RECORD_INTERVAL_MAX_S);
	sp->page_ms = clock_ms(CLOCK_MONOTONIC) + PAGE_MS;
	return 0;
}

int
main(int argc, char **argv)
{
	int status;

	room_begin(argc, argv);
	status = open_all(&spool);
	if (status != 0) {
		chain_close(&spool.chain);
		return status;
	}
	room_ready();
	tell_all(&spool);
	beat(&spool);
	say_hello(&spool);
	work(&spool);
	finish(&spool);
	store_close(&spool.store);
	chain_close(&spool.chain);
	hal_crypto_close();
	return ROOM_EXIT_DONE;
}
