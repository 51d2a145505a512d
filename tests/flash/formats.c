/*
 * The files beside an image and the flash record: what their readers take, and what they refuse.
 */
#include "cm.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <openssl/ec.h>

#include "../../tools/common/blockmap.h"
#include "../../tools/common/key.h"
#include "../../tools/lanectl/flashlog.h"
#include "release.h"

static struct release r;
static uint8_t point[CRYPTO_POINT_BYTES];

static int
begin(void **state)
{
	(void)state;
	release_make(&r);
	assert_int_equal(key_point(r.signer, point), 0);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	release_free(&r);
	return 0;
}

static size_t
load(const char *ending, uint8_t *into, size_t room)
{
	char path[RELEASE_PATH_BYTES + 32];
	FILE *f;
	size_t n;

	(void)snprintf(path, sizeof(path), "%s%s", r.image, ending);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(into, 1, room, f);
	assert_int_equal(fclose(f), 0);
	return n;
}

/* ---- the manifest ---- */

static void
a_manifest_is_taken_as_signed_and_in_no_other_way(void **state)
{
	uint8_t bytes[MANIFEST_BYTES_MAX], other[CRYPTO_POINT_BYTES];
	size_t n = load(".manifest.cose", bytes, sizeof(bytes));
	struct manifest m;

	(void)state;
	assert_int_equal(manifest_read(&m, SPAN(bytes, n), point), 0);
	assert_memory_equal(&m, &r.manifest, sizeof(m));
	assert_int_equal(key_point(r.technician, other), 0);
	assert_int_equal(manifest_read(&m, SPAN(bytes, n), other), -EACCES);
	assert_int_equal(m.board[0], 0);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(manifest_read(&m, SPAN(bytes, i), point), -EBADMSG);
		bytes[i] ^= 1;
		assert_true(manifest_read(&m, SPAN(bytes, n), point) < 0);
		bytes[i] ^= 1;
	}
	bytes[n] = 0;
	assert_int_equal(manifest_read(&m, SPAN(bytes, n + 1), point), -EBADMSG);
}

static int
no_signature(void *key, const uint8_t hash[CRYPTO_HASH_BYTES], uint8_t signature[CRYPTO_SIGNATURE_BYTES])
{
	(void)key, (void)hash;
	memset(signature, 0, CRYPTO_SIGNATURE_BYTES);
	return 0;
}

static void
a_manifest_with_impossible_values_is_not_made(void **state)
{
	uint8_t bytes[MANIFEST_BYTES_MAX];
	struct manifest m = r.manifest, bad[6];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		bad[i] = m;
	bad[0].board[0] = 0;
	bad[1].version[0] = 0;
	bad[2].image_bytes = 4097;
	bad[3].image_bytes = 0;
	bad[4].expires_s = bad[4].made_s;
	bad[5].made_s = -1;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(manifest_write(&bad[i], SPACE_OF(bytes), no_signature, NULL), -ERANGE);
	assert_true(manifest_write(&m, SPACE_OF(bytes), no_signature, NULL) > 0);
	assert_int_equal(manifest_write(&m, SPACE(bytes, 100), no_signature, NULL), -ENOSPC);
}

static void
a_manifest_has_its_time(void **state)
{
	struct manifest m = {.made_s = 1000000, .expires_s = 2000000};

	(void)state;
	assert_int_equal(manifest_usable(&m, 1500000), 0);
	assert_int_equal(manifest_usable(&m, 2000001), -EKEYEXPIRED);
	assert_int_equal(manifest_usable(&m, 1000000 - 86401), -EAGAIN);
	m.expires_s = 0;
	assert_int_equal(manifest_usable(&m, INT64_MAX), 0);
}

/* ---- the block map ---- */

#define HASH "b15056c9a8db77ab5708d19b7f330fe13d88eeae3d0ab271081d3438c0f46264"
#define HEAD(size, blocks, mapped)                                                                           \
	"<bmap version=\"2.0\"><ImageSize>" size                                                             \
	"</ImageSize><BlockSize> 4096 </BlockSize><BlocksCount>" blocks                                      \
	"</BlocksCount><MappedBlocksCount>" mapped                                                           \
	"</MappedBlocksCount><ChecksumType> sha256 </ChecksumType>"                                          \
	"<BmapFileChecksum> 00 </BmapFileChecksum>"
#define RANGE(r) "<Range chksum=\"" HASH "\">" r "</Range>"
#define GOOD(ranges, mapped)                                                                                 \
	"<?xml version=\"1.0\" ?><!-- c -->" HEAD("40960", "10", mapped) "<BlockMap>" ranges                 \
									 "</BlockMap></bmap>"

static int
read_map(struct blockmap *m, const char *xml, char why[BLOCKMAP_WHY_BYTES])
{
	return blockmap_read(m, SPAN((const uint8_t *)xml, strlen(xml)), why);
}

static void
a_block_map_is_read_as_bmaptool_writes_it(void **state)
{
	struct blockmap m;
	char why[BLOCKMAP_WHY_BYTES];

	(void)state;
	assert_int_equal(read_map(&m, GOOD(RANGE(" 2 ") RANGE("\n 4-9\n"), "7"), why), 0);
	assert_int_equal(m.image_bytes, 40960);
	assert_int_equal(m.n, 2);
	assert_int_equal(m.ranges[0].first, 2);
	assert_int_equal(m.ranges[0].last, 2);
	assert_int_equal(m.ranges[1].last, 9);
	assert_int_equal(m.ranges[1].hash[0], 0xb1);
	assert_int_equal(blockmap_mapped_bytes(&m), 7 * 4096);
	blockmap_free(&m);
}

static void
a_block_map_that_does_not_add_up_is_refused(void **state)
{
	static const char *const bad[] = {
	    "",
	    "not xml",
	    "<a/>",
	    "<bmap version=\"2.0\">",
	    "<bmap version=\"1.3\"/>",
	    "<bmap/>",
	    GOOD("", "0"),
	    GOOD(RANGE("2"), "2"),
	    GOOD(RANGE("10"), "1"),
	    GOOD(RANGE("3-2"), "0"),
	    GOOD(RANGE("-1"), "1"),
	    GOOD(RANGE("2-"), "1"),
	    GOOD(RANGE("2-3-4"), "2"),
	    GOOD(RANGE("0x2"), "1"),
	    GOOD(RANGE("18446744073709551616"), "1"),
	    GOOD(RANGE("4") RANGE("4"), "2"),
	    GOOD(RANGE("4") RANGE("2"), "2"),
	    GOOD("<Range>2</Range>", "1"),
	    GOOD("<Range chksum=\"00\">2</Range>", "1"),
	    GOOD("<Range chksum=\"" HASH "\"><b/>2</Range>", "1"),
	    GOOD("text" RANGE("2"), "1"),
	    HEAD("40961", "10", "1") "<BlockMap>" RANGE("2") "</BlockMap></bmap>",
	    HEAD("40960", "11", "1") "<BlockMap>" RANGE("2") "</BlockMap></bmap>",
	    HEAD("40960", "10", "1") RANGE("2") "</bmap>",
	    HEAD("40960", "10", "1") "<ImageSize>1</ImageSize></bmap>",
	    "<!DOCTYPE bmap [<!ENTITY a \"2\">]>" HEAD("40960", "10",
						       "1") "<BlockMap>" RANGE("&a;") "</BlockMap></bmap>",
	};
	struct blockmap m;
	char why[BLOCKMAP_WHY_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(read_map(&m, bad[i], why), -EBADMSG);
		assert_null(m.ranges);
		assert_non_null(strstr(why, "line "));
	}
}

static void
a_block_map_written_here_reads_the_same(void **state)
{
	static uint8_t xml[65536];
	size_t n = load(".bmap", xml, sizeof(xml));
	struct blockmap m;
	char why[BLOCKMAP_WHY_BYTES], *again;
	size_t n_again;

	(void)state;
	assert_int_equal(blockmap_read(&m, SPAN(xml, n), why), 0);
	assert_int_equal(m.image_bytes, RELEASE_IMAGE_BYTES);
	for (size_t i = 0; i < m.n; i++) {
		uint8_t hash[CRYPTO_HASH_BYTES];
		size_t from = m.ranges[i].first * 4096, to = (m.ranges[i].last + 1) * 4096;

		assert_int_equal(source_hash(SPAN(r.bytes + from, to - from), hash), 0);
		assert_memory_equal(hash, m.ranges[i].hash, sizeof(hash));
	}
	assert_int_equal(blockmap_write(&m, &again, &n_again), 0);
	assert_int_equal(n_again, n);
	assert_memory_equal(again, xml, n);
	free(again);
	blockmap_free(&m);
}

/* ---- the flash record ---- */

enum { LINES = 4 };

static void
write_log(void)
{
	struct source source = {.manifest = r.manifest};
	struct device device = {.bytes = 5, .path = "/dev/x"};
	struct writer w = {.source = &source, .device = &device, .result = RESULT_VERIFIED};
	const struct key_passphrase none = {0};
	struct flashlog l;

	(void)snprintf(device.serial, sizeof(device.serial), "a\",\"signature\":\"b");
	(void)unlink(r.log);
	for (int i = 0; i < LINES; i++) {
		assert_int_equal(flashlog_open(&l, r.log, r.log_key, &none), 0);
		assert_int_equal(flashlog_append(&l, &w, i % 2 ? "lane-7" : NULL, i), 0);
		flashlog_close(&l);
	}
}

static size_t
load_log(uint8_t *into, size_t room)
{
	FILE *f = fopen(r.log, "r");
	size_t n;

	assert_non_null(f);
	n = fread(into, 1, room, f);
	assert_int_equal(fclose(f), 0);
	return n;
}

/* One letter a line: g ood, d amaged, f orged, b roken. */
static const char *
answers(struct span text, void *key)
{
	static char out[32];
	struct flashlog_state state = {0};
	enum flashlog_answer a;
	json_t *record;
	size_t n = 0;

	while (n < sizeof(out) - 1 && flashlog_next(&state, &text, key, &a, &record) == 0) {
		out[n++] = "gdfb"[a];
		json_decref(record);
	}
	out[n] = 0;
	return out;
}

static void
a_flash_record_shows_what_was_done_to_it(void **state)
{
	static uint8_t text[65536], changed[65536];
	uint8_t *second, *third;
	size_t n;

	(void)state;
	write_log();
	n = load_log(text, sizeof(text));
	assert_string_equal(answers(SPAN(text, n), r.technician), "gggg");
	assert_string_equal(answers(SPAN(text, n), r.signer), "ffff");
	assert_string_equal(answers(SPAN(text, 0), r.technician), "");
	second = (uint8_t *)memchr(text, '\n', n) + 1;
	third = (uint8_t *)memchr(second, '\n', n - (size_t)(second - text)) + 1;
	/* Without the second line, the one behind it does not follow. */
	memcpy(changed, text, (size_t)(second - text));
	memcpy(changed + (second - text), third, n - (size_t)(third - text));
	assert_string_equal(answers(SPAN(changed, n - (size_t)(third - second)), r.technician), "gbb");
	/* Without its last newline, the last line was cut. */
	assert_string_equal(answers(SPAN(text, n - 1), r.technician), "gggd");
	/* One letter changed: that line, and the next no longer follows it. */
	memcpy(changed, text, n);
	*(uint8_t *)memmem(changed + (second - text), 400, "lane-7", 6) = 'L';
	assert_string_equal(answers(SPAN(changed, n), r.technician), "gfbg");
}

static void
a_line_cut_by_a_power_cut_is_named_and_the_next_follows(void **state)
{
	static uint8_t text[65536];
	struct source source = {.manifest = r.manifest};
	struct device device = {.bytes = 5};
	struct writer w = {.source = &source, .device = &device, .result = RESULT_GONE};
	const struct key_passphrase none = {0};
	struct flashlog l;
	size_t n;

	(void)state;
	write_log();
	n = load_log(text, sizeof(text));
	assert_int_equal(truncate(r.log, (off_t)(n - 40)), 0);
	assert_int_equal(flashlog_open(&l, r.log, r.log_key, &none), 0);
	assert_int_equal(flashlog_append(&l, &w, NULL, 1), 0);
	flashlog_close(&l);
	n = load_log(text, sizeof(text));
	assert_string_equal(answers(SPAN(text, n), r.technician), "gggdg");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_manifest_is_taken_as_signed_and_in_no_other_way),
	    cmocka_unit_test(a_manifest_with_impossible_values_is_not_made),
	    cmocka_unit_test(a_manifest_has_its_time),
	    cmocka_unit_test(a_block_map_is_read_as_bmaptool_writes_it),
	    cmocka_unit_test(a_block_map_that_does_not_add_up_is_refused),
	    cmocka_unit_test(a_block_map_written_here_reads_the_same),
	    cmocka_unit_test(a_flash_record_shows_what_was_done_to_it),
	    cmocka_unit_test(a_line_cut_by_a_power_cut_is_named_and_the_next_follows),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
