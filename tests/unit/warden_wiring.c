/*
 * The wiring list: data moves one way, and no row contradicts another.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "warden/settings.h"
#include "warden/wiring.h"

static void
no_room_holds_two_things_at_one_place(void **state)
{
	int held[ROOM_COUNT][ROOM_FD_COUNT] = {{0}};
	size_t n_pipes, n_things;
	const struct wiring_pipe *pipes = wiring_pipes(&n_pipes);
	const struct wiring_thing *things = wiring_things(&n_things);

	(void)state;
	for (size_t i = 0; i < n_pipes; i++) {
		assert_true(pipes[i].from != WARDEN || pipes[i].to != WARDEN);
		if (pipes[i].from != WARDEN)
			assert_int_equal(held[pipes[i].from][pipes[i].from_fd]++, 0);
		if (pipes[i].to != WARDEN)
			assert_int_equal(held[pipes[i].to][pipes[i].to_fd]++, 0);
	}
	for (size_t i = 0; i < n_things; i++)
		assert_int_equal(held[things[i].room][things[i].fd]++, 0);
}

static void
data_moves_one_way_and_only_to_the_next_room(void **state)
{
	size_t n;
	const struct wiring_pipe *pipes = wiring_pipes(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		if (pipes[i].from_fd == ROOM_FD_OUT) {
			assert_int_equal(pipes[i].to, pipes[i].from + 1);
			assert_int_equal(pipes[i].to_fd, ROOM_FD_IN);
		} else if (pipes[i].from_fd == ROOM_FD_IN_ACK) {
			assert_int_equal(pipes[i].to + 1, pipes[i].from);
			assert_int_equal(pipes[i].to_fd, ROOM_FD_OUT_ACK);
		} else if (pipes[i].from == WARDEN) {
			/* The one thing that comes to a room from outside the row: numbers for the room that signs. */
			assert_int_equal(pipes[i].to, ROOM_SPOOL);
			assert_int_equal(pipes[i].to_fd, ROOM_FD_HEALTH);
		} else {
			assert_true(pipes[i].from_fd == ROOM_FD_VITALS || pipes[i].from_fd == ROOM_FD_LOG);
			assert_int_equal(pipes[i].to, WARDEN);
		}
	}
}

static void
what_is_precious_is_held_by_one_room(void **state)
{
	static const enum room holder[THING_COUNT] = {
		[THING_FRAMES_WRITE] = ROOM_CAPTURE, [THING_FRAMES_READ] = ROOM_LOCATE, [THING_PICTURES] = ROOM_CAPTURE,
		[THING_POLICY] = ROOM_SEAL,          [THING_SPOOL] = ROOM_SPOOL,        [THING_KEY] = ROOM_SPOOL,
		[THING_OUTBOX] = ROOM_UPLINK,        [THING_ANCHOR] = ROOM_UPLINK,      [THING_CERTIFICATE] = ROOM_UPLINK,
		[THING_S3_KEYS] = ROOM_UPLINK,
	};
	int seen[THING_COUNT] = {0};
	size_t n;
	const struct wiring_thing *things = wiring_things(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(things[i].room, holder[things[i].thing]);
		assert_int_equal(seen[things[i].thing]++, 0);
	}
	assert_int_equal(n, THING_COUNT);
}

static void
every_word_has_a_source(void **state)
{
	size_t n;
	const struct wiring_word *words = wiring_words(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		const struct setting_row *row = settings_row(words[i].from);

		if ((wiring_fact(words[i].from) >= 0) == (row != NULL))
			fail_msg("%s=%s is neither a fact nor a setting, or both", words[i].name, words[i].from);
		if (words[i].times)
			assert_int_equal(row->kind, SETTING_NUMBER);
		for (size_t j = 0; j < i; j++)
			assert_false(words[j].room == words[i].room && strcmp(words[j].name, words[i].name) == 0);
	}
}

static void
every_fact_is_told_to_someone(void **state)
{
	size_t n;
	const struct wiring_word *words = wiring_words(&n);

	(void)state;
	for (int fact = 0; fact < FACT_COUNT; fact++) {
		size_t told = 0;

		assert_non_null(wiring_facts[fact]);
		assert_null(strchr(wiring_facts[fact], '.'));
		for (size_t i = 0; i < n; i++)
			told += wiring_fact(words[i].from) == fact;
		assert_true(told > 0);
	}
	assert_int_equal(wiring_fact("camera.name"), -ENOENT);
}

int
main(void)
{
	static const struct CMUnitTest all[] = {
		cmocka_unit_test(no_room_holds_two_things_at_one_place),
		cmocka_unit_test(data_moves_one_way_and_only_to_the_next_room),
		cmocka_unit_test(what_is_precious_is_held_by_one_room),
		cmocka_unit_test(every_word_has_a_source),
		cmocka_unit_test(every_fact_is_told_to_someone),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
