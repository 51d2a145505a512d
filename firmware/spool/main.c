/*
 * The spool room: takes sealed passages, makes each a numbered, chained and
 * signed record on disk, and hands records on for delivery, one at a time. It
 * never sees a pixel; what it stores it cannot open.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log_text.h"
#include "base/pipe.h"
#include "base/room.h"
#include "base/wipe.h"
#include "doors/parcel/parcel.h"
#include "doors/vitals/vitals.h"
#include "hal/crypto.h"
#include "spool/chain.h"
#include "spool/store.h"

enum {
	RETRY_FIRST_MS = 1000,
	RETRY_LAST_MS = 60000,
	LOOK_AGAIN_MS = 1000,       /* at a door where an old parcel still lies */
	RECEIPT_PATIENCE_MS = 2000, /* for the last receipt, when asked to leave */
	MIB = 1 << 20,
};

struct delivery {
	struct store_entry in_flight;
	int waiting;           /* for the receipt of in_flight */
	int64_t not_before_ms; /* the next offer */
	int64_t wait_ms;       /* after the next failure */
};

struct spool {
	struct store store;
	struct chain chain;
	struct pipe_in sealed, receipts;
	struct pipe_out answers, parcels;
	struct delivery delivery;
	int64_t stored, repeated, full;
	int is_full; /* said so already */
};

static uint8_t sealed_room[SEALED_MESSAGE_MAX];
static uint8_t receipt_room[PARCEL_RECEIPT_BYTES];
static uint8_t record_room[PARCEL_RECORD_MAX];
static uint8_t parcel_room[PARCEL_MESSAGE_MAX];
static struct spool spool;

static int64_t
now_ms(void)
{
	struct timespec t;

	CHECK(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
tell_all(const struct spool *sp)
{
	vitals_tell(VITAL_stored, sp->stored);
	vitals_tell(VITAL_repeated, sp->repeated);
	vitals_tell(VITAL_spool_records, (int64_t)sp->store.count);
	vitals_tell(VITAL_spool_bytes, (int64_t)sp->store.bytes);
	vitals_tell(VITAL_spool_full, sp->full);
	vitals_tell(VITAL_doors_resynced, (int64_t)(sp->sealed.passed_over + sp->receipts.passed_over));
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
		log_text(LOG_ERROR, "cannot store: %s; %zu records, %llu bytes held; passages wait in memory",
			 strerror(-err), sp->store.count, (unsigned long long)sp->store.bytes);
	sp->is_full = 1;
	return SEALED_FULL;
}

static uint8_t
keep(struct spool *sp, const struct sealed *s)
{
	static struct chain_link made;
	int err;

	err = store_room(&sp->store, RECORD_SIGN1_MAX + s->body.n);
	if (err < 0)
		return refuse(sp, err);
	CHECK(chain_sign(&sp->chain, &sp->store.head, s, &made) == 0);
	err = store_append(&sp->store, s->passage, made.link, SPAN(made.sign1, made.bytes), s->body);
	if (err < 0)
		return refuse(sp, err);
	sp->stored++;
	sp->is_full = 0;
	return SEALED_STORED;
}

static void
take_sealed(struct spool *sp, uint8_t type, struct span message)
{
	struct sealed s;

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

static void
offer(struct spool *sp)
{
	struct delivery *d = &sp->delivery;
	struct store_entry due;
	int64_t n;

	if (d->waiting || now_ms() < d->not_before_ms || !store_due(&sp->store, &due))
		return;
	if (!door_is_clear(sp)) {
		d->not_before_ms = now_ms() + LOOK_AGAIN_MS;
		return;
	}
	n = store_read(&sp->store, &due, SPACE_OF(record_room));
	if (n > 0) {
		send_parcel(sp, &due, SPAN(record_room, (size_t)n));
		return;
	}
	log_text(LOG_ERROR, "record %08u-%020llu cannot be read: %s; it is set aside", due.boot,
		 (unsigned long long)due.sequence, n < 0 ? strerror((int)-n) : "empty");
	store_set_aside(&sp->store, due.sequence);
}

static void
take_receipt(struct spool *sp, const struct parcel_receipt *r)
{
	struct delivery *d = &sp->delivery;
	int err;

	/* The answer to an offer that was made twice, around a restart. */
	if (!d->waiting || r->boot != d->in_flight.boot || r->sequence != d->in_flight.sequence)
		return;
	d->waiting = 0;
	if (r->answer == PARCEL_FAILED) {
		d->not_before_ms = now_ms() + d->wait_ms;
		d->wait_ms = d->wait_ms * 2 < RETRY_LAST_MS ? d->wait_ms * 2 : RETRY_LAST_MS;
		return;
	}
	d->wait_ms = RETRY_FIRST_MS;
	err = store_delivered(&sp->store, r->sequence);
	if (err < 0)
		log_event(LOG_WARN, "delivered_not_saved", "errno", -err, "sequence", r->sequence);
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
		sp->delivery = (struct delivery){.wait_ms = RETRY_FIRST_MS};
		return;
	}
	CHECK(type == PARCEL_RECEIPT_TYPE && parcel_receipt_decode(&r, message) == 0);
	take_receipt(sp, &r);
}

/* ---- the beats ---- */

static int
pause_ms(const struct spool *sp)
{
	struct store_entry due;
	int64_t left;

	if (sp->delivery.waiting || !store_due(&sp->store, &due))
		return -1;
	left = sp->delivery.not_before_ms - now_ms();
	return left > 0 ? (int)left : 0;
}

static void
work(struct spool *sp)
{
	struct pollfd doors[] = {
	    {.fd = ROOM_FD_IN, .events = POLLIN},
	    {.fd = ROOM_FD_OUT_ACK, .events = POLLIN},
	};

	while (room_wait(doors, ARRAY_SIZE(doors), pause_ms(sp))) {
		if (doors[0].revents)
			(void)take_one_sealed(sp);
		if (doors[1].revents)
			take_answer(sp);
		offer(sp);
	}
}

/* Asked to leave: nothing new is offered, but what has come is stored and a receipt that is due is heard. */
static void
finish(struct spool *sp)
{
	struct pollfd door = {.fd = ROOM_FD_OUT_ACK, .events = POLLIN};
	int64_t until = now_ms() + RECEIPT_PATIENCE_MS;

	while (take_one_sealed(sp))
		;
	while (sp->delivery.waiting && now_ms() < until) {
		CHECK(room_wait(&door, 1, 100) == 1);
		if (door.revents)
			take_answer(sp);
	}
}

/*
 * The warden makes the pipes once in its life and gives them to every instance
 * of this room, as it counts locate's restarts through its life. So the pipe
 * tells whether locate's passage numbers still go on.
 */
static uint64_t
this_run(void)
{
	struct stat pipe;

	CHECK(fstat(ROOM_FD_IN, &pipe) == 0);
	return (uint64_t)pipe.st_ino << 32 ^ (uint64_t)pipe.st_dev << 24 ^ (uint64_t)getppid();
}

static int
open_store(struct spool *sp)
{
	struct store_wish wish = {
	    .folder_fd = ROOM_FD_FOLDER,
	    .unit = room_setting_text("unit"),
	    .max_bytes = (uint64_t)room_setting("max_mib") * MIB,
	    .max_records = (uint64_t)room_setting("max_records"),
	    .free_floor = (uint64_t)room_setting("free_floor_mib") * MIB,
	    .run = this_run(),
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
	return 0;
}

static int
open_all(struct spool *sp)
{
	int err;

	CHECK(hal_crypto_open() == 0);
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
	sp->delivery.wait_ms = RETRY_FIRST_MS;
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
	say_hello(&spool);
	work(&spool);
	finish(&spool);
	store_close(&spool.store);
	chain_close(&spool.chain);
	hal_crypto_close();
	return ROOM_EXIT_DONE;
}
