/*
 * The soft camera as a USB Video Class 1.1 device: what it says of itself, what
 * it answers, and how frames become payloads of a bulk endpoint.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "softcam.h"

enum {
	CAMERA_UNIT = 1,
	OUTPUT_UNIT = 2,
	PROCESSING_UNIT = 3,
	SET_CUR = 0x01,
	GET_CUR = 0x81,
	GET_MIN,
	GET_MAX,
	GET_RES,
	GET_LEN,
	GET_INFO,
	GET_DEF,
	AE_MANUAL = 1,
	AE_APERTURE = 8,
	CLOCK_HZ = 48000000,
	GAIN_NONE = 16,
	GAIN_MOST = 255,
};

static const struct {
	uint8_t guid[16]; /* none: MJPEG */
	uint8_t bits;
} looks[LOOK_COUNT + 1] = {
    [LOOK_YUYV] = {{'Y', 'U', 'Y', '2', 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71}, 16},
    [LOOK_NV12] = {{'N', 'V', '1', '2', 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71}, 12},
    [LOOK_GREY] = {{'Y', '8', '0', '0', 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71}, 8},
};

static void
put(uint8_t *p, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t
get(const uint8_t *p, int bytes)
{
	uint32_t value = 0;

	for (int i = 0; i < bytes; i++)
		value |= (uint32_t)p[i] << (8 * i);
	return value;
}

/* ---- what it is ---- */

static void
add(struct softcam *c, const uint8_t *p, size_t n)
{
	CHECK(c->n_configuration + n <= sizeof(c->configuration));
	memcpy(c->configuration + c->n_configuration, p, n);
	c->n_configuration += n;
}

#define ADD(c, ...) add((c), (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

/* Lens with exposure, gain, and the way out. */
static void
add_control_interface(struct softcam *c)
{
	ADD(c, 8, 11, 0, 2, 14, 3, 0, 0);
	ADD(c, 9, 4, 0, 0, 0, 14, 1, 0, 0);
	ADD(c, 13, 0x24, 1, 0x10, 1, 13 + 18 + 11 + 9, 0, 0, 0x6c, 0xdc, 2, 1, 1);
	ADD(c, 18, 0x24, 2, CAMERA_UNIT, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0x0a, 0, 0);
	ADD(c, 11, 0x24, 5, PROCESSING_UNIT, CAMERA_UNIT, 0, 0, 2, 0, 2, 0);
	ADD(c, 9, 0x24, 3, OUTPUT_UNIT, 1, 1, 0, PROCESSING_UNIT, 0);
}

/* Of 100 ns. */
static uint64_t
interval_of(const struct softcam *c)
{
	return UINT64_C(10000000000) / c->rate_mhz;
}

static void
add_format(struct softcam *c, enum look look)
{
	const struct film *f = c->film;
	uint64_t most = film_frame_max(f, look), interval = interval_of(c);
	uint8_t format[27] = {27, 0x24, 4, (uint8_t)look, 1}, frame[30] = {30, 0x24, 5, 1};

	if (look == LOOK_MJPEG) {
		ADD(c, 11, 0x24, 6, LOOK_MJPEG, 1, 1, 1, 0, 0, 0, 0);
		frame[2] = 7;
	} else {
		memcpy(format + 5, looks[look].guid, 16);
		format[21] = looks[look].bits;
		format[22] = 1;
		add(c, format, sizeof(format));
	}
	put(frame + 5, f->width_px, 2);
	put(frame + 7, f->height_px, 2);
	put(frame + 9, most * 8, 4);
	put(frame + 13, most * 8 * c->rate_mhz / 1000, 4);
	put(frame + 17, most, 4);
	put(frame + 21, interval, 4);
	frame[25] = 1;
	put(frame + 26, interval, 4);
	add(c, frame, sizeof(frame));
	ADD(c, 6, 0x24, 13, 1, 1, 4);
}

static void
describe(struct softcam *c)
{
	size_t at;

	ADD(c, 9, 2, 0, 0, 2, 1, 0, 0x80, 250);
	add_control_interface(c);
	ADD(c, 9, 4, 1, 0, 1, 14, 2, 0, 0);
	at = c->n_configuration;
	ADD(c, 13 + LOOK_COUNT, 0x24, 1, LOOK_COUNT, 0, 0, ENDPOINT, 0, OUTPUT_UNIT, 0, 0, 0, 1, 0, 0, 0, 0);
	for (int look = 1; look <= LOOK_COUNT; look++)
		add_format(c, (enum look)look);
	put(c->configuration + at + 4, c->n_configuration - at, 2);
	ADD(c, 7, 5, ENDPOINT, 2, 0, 2, 0);
	put(c->configuration + 2, c->n_configuration, 2);
}

static void
propose(const struct softcam *c, uint8_t p[PROBE_BYTES], uint8_t look)
{
	look = look < 1 || look > LOOK_COUNT ? LOOK_YUYV : look;
	memset(p, 0, PROBE_BYTES);
	p[0] = 1;
	p[2] = look;
	p[3] = 1;
	put(p + 4, interval_of(c), 4);
	put(p + 18, film_frame_max(c->film, (enum look)look), 4);
	put(p + 22, PAYLOAD_MAX, 4);
	put(p + 26, CLOCK_HZ, 4);
	p[30] = 3;
}

int
softcam_init(struct softcam *c, const struct film *film, uint32_t rate_mhz)
{
	memset(c, 0, sizeof(*c));
	c->film = film;
	c->rate_mhz = rate_mhz;
	c->exposure = 100;
	c->gain = GAIN_NONE;
	c->ae_mode = AE_APERTURE;
	c->frame = malloc(film_frame_max(film, LOOK_MJPEG));
	c->lit_frame = malloc(film_frame_max(film, LOOK_GREY));
	if (c->frame == NULL || c->lit_frame == NULL)
		return -ENOMEM;
	describe(c);
	propose(c, c->probe, LOOK_YUYV);
	propose(c, c->commit, LOOK_YUYV);
	return 0;
}

/* ---- what it answers ---- */

static int
text_descriptor(uint8_t *out, unsigned int index)
{
	static const char *const texts[] = {NULL, "laneseal tests", "Soft lane camera", "SOFT0001"};
	size_t n;

	if (index == 0) {
		put(out, 0x04090304, 4);
		return 4;
	}
	if (index >= ARRAY_SIZE(texts))
		return -EPIPE;
	n = strlen(texts[index]);
	out[0] = (uint8_t)(2 + 2 * n);
	out[1] = 3;
	for (size_t i = 0; i < n; i++)
		put(out + 2 + 2 * i, (uint8_t)texts[index][i], 2);
	return out[0];
}

static int
standard(struct softcam *c, uint8_t request, unsigned int value, uint8_t *out)
{
	static const uint8_t device[] = {18, 1, 0, 2, 0xef, 2, 1, 64, 0x09, 0x12, 1, 0, 0, 1, 1, 2, 3, 1};
	static const uint8_t qualifier[] = {10, 6, 0, 2, 0xef, 2, 1, 64, 1, 0};

	switch (request) {
	case 0: /* status */
		put(out, 0, 2);
		return 2;
	case 1: /* the end of a halt: how uvcvideo stops a bulk stream */
		softcam_stop(c);
		return 0;
	case 3:
	case 5:
	case 9:
	case 11:
		return 0;
	case 8:
		out[0] = 1;
		return 1;
	case 10:
		out[0] = 0;
		return 1;
	case 6:
		break;
	default:
		return -EPIPE;
	}
	switch (value >> 8) {
	case 1:
		memcpy(out, device, sizeof(device));
		return sizeof(device);
	case 2:
		memcpy(out, c->configuration, c->n_configuration);
		return (int)c->n_configuration;
	case 3:
		return text_descriptor(out, value & 255);
	case 6:
		memcpy(out, qualifier, sizeof(qualifier));
		return sizeof(qualifier);
	default:
		return -EPIPE;
	}
}

/* Probe and commit: any format of the list, the one size and rate there are. */
static int
stream_control(struct softcam *c, uint8_t request, unsigned int selector, uint8_t *data, size_t n)
{
	uint8_t *which = selector == 1 ? c->probe : selector == 2 ? c->commit : NULL;

	if (which == NULL)
		return -EPIPE;
	switch (request) {
	case SET_CUR:
		if (n < 26)
			return -EPIPE;
		propose(c, which, data[2]);
		if (selector == 2) {
			softcam_stop(c);
			printf("commit format=%d\n", which[2]);
		}
		return 0;
	case GET_CUR:
		memcpy(data, which, PROBE_BYTES);
		return PROBE_BYTES;
	case GET_MIN:
	case GET_MAX:
	case GET_DEF:
		propose(c, data, which[2]);
		return PROBE_BYTES;
	case GET_LEN:
		put(data, PROBE_BYTES, 2);
		return 2;
	case GET_INFO:
		data[0] = 3;
		return 1;
	default:
		return -EPIPE;
	}
}

struct knob {
	const char *name;
	int unit, selector, bytes, least, most, step, normal;
};

static const struct knob knobs[] = {
    {"ae_mode", CAMERA_UNIT, 2, 1, AE_MANUAL, AE_APERTURE, AE_MANUAL | AE_APERTURE, AE_APERTURE},
    {"exposure", CAMERA_UNIT, 4, 4, 1, 10000, 1, 100},
    {"gain", PROCESSING_UNIT, 4, 2, 1, GAIN_MOST, 1, GAIN_NONE},
};

/* As real ones do: out of range, or an exposure while it is automatic, stalls. */
static int
turn(struct softcam *c, const struct knob *k, int32_t *value, const uint8_t *data, size_t n)
{
	int32_t wanted = n < (size_t)k->bytes ? -1 : (int32_t)get(data, k->bytes);

	if (wanted < k->least || wanted > k->most || (value == &c->exposure && c->ae_mode != AE_MANUAL))
		return -EPIPE;
	*value = wanted;
	printf("%s=%" PRId32 "\n", k->name, wanted);
	return 0;
}

static int
unit_control(struct softcam *c, uint8_t request, unsigned int unit, unsigned int selector, uint8_t *data,
	     size_t n)
{
	int32_t *const values[] = {&c->ae_mode, &c->exposure, &c->gain}, answer;
	size_t i = 0;

	while (i < ARRAY_SIZE(knobs) && (knobs[i].unit != (int)unit || knobs[i].selector != (int)selector))
		i++;
	if (i == ARRAY_SIZE(knobs))
		return -EPIPE;
	switch (request) {
	case SET_CUR:
		return turn(c, &knobs[i], values[i], data, n);
	case GET_LEN:
		put(data, (uint64_t)knobs[i].bytes, 2);
		return 2;
	case GET_INFO:
		data[0] = 3;
		return 1;
	case GET_CUR:
		answer = *values[i];
		break;
	case GET_MIN:
		answer = knobs[i].least;
		break;
	case GET_MAX:
		answer = knobs[i].most;
		break;
	case GET_RES:
		answer = knobs[i].step;
		break;
	case GET_DEF:
		answer = knobs[i].normal;
		break;
	default:
		return -EPIPE;
	}
	put(data, (uint64_t)(uint32_t)answer, knobs[i].bytes);
	return knobs[i].bytes;
}

int
softcam_control(struct softcam *c, const uint8_t setup[8], uint8_t *data, size_t n)
{
	unsigned int value = get(setup + 2, 2), index = get(setup + 4, 2), wanted = get(setup + 6, 2);
	int got = -EPIPE;

	if ((setup[0] & 0x60) == 0)
		got = standard(c, setup[1], value, data);
	else if ((setup[0] & 0x60) == 0x20)
		got = (index & 255) == 1 ? stream_control(c, setup[1], value >> 8, data, n)
					 : unit_control(c, setup[1], index >> 8, value >> 8, data, n);
	return got > (int)wanted ? (int)wanted : got;
}

/* ---- how frames leave ---- */

void
softcam_stop(struct softcam *c)
{
	c->streaming = 0;
	c->n_frame = c->sent = 0;
}

int64_t
softcam_due_us(struct softcam *c, int64_t now_us)
{
	if (c->faults.stall)
		return INT64_MAX;
	if (!c->streaming) {
		c->streaming = 1;
		c->due_us = now_us;
	}
	if (c->n_frame > 0)
		return now_us;
	if (c->pace == PACE_ASKED)
		return c->asked > 0 ? now_us : INT64_MAX;
	return c->due_us + (int64_t)c->faults.delay_ms * 1000;
}

static void
garble(struct softcam *c)
{
	for (size_t i = c->n_frame / 3; i < c->n_frame; i += 97)
		c->frame[i] ^= 0x5a;
}

static int
take(uint32_t *left)
{
	return *left > 0 && (*left)--;
}

/* The film in the light of the exposure and gain that the camera was told. */
static size_t
lit_frame(struct softcam *c)
{
	/* Gain from none to fourfold over its range, as libcamera takes a UVC camera's to be. */
	uint64_t gain = GAIN_MOST - GAIN_NONE + 3 * (uint64_t)(c->gain > GAIN_NONE ? c->gain - GAIN_NONE : 0);
	uint64_t permille = (uint64_t)c->lit * (uint32_t)c->exposure * gain / (GAIN_MOST - GAIN_NONE);
	struct film one = *c->film;

	film_light(c->film, c->film_at, (uint32_t)permille, c->lit_frame);
	one.bytes = c->lit_frame;
	one.first = 0;
	one.frames = 1;
	return film_frame(&one, 0, (enum look)c->commit[2], c->frame, film_frame_max(c->film, LOOK_MJPEG));
}

static void
next_film_frame(struct softcam *c)
{
	if (c->playing && c->film_at + 1 < c->film->frames && ++c->film_at + 1 == c->film->frames)
		printf("end of film\n");
}

/* The next frame that is to be sent; those before it that are dropped are only counted. */
static void
begin_frame(struct softcam *c, int64_t now_us)
{
	int64_t interval_us = 1000000000 / c->rate_mhz;

	while (take(&c->faults.drop)) {
		c->frames_dropped++;
		printf("dropped film=%" PRIu32 "\n", c->film_at);
		next_film_frame(c);
	}
	c->faults.delay_ms = 0;
	c->n_frame = c->lit ? lit_frame(c)
			    : film_frame(c->film, c->film_at, (enum look)c->commit[2], c->frame,
					 film_frame_max(c->film, LOOK_MJPEG));
	c->sent = 0;
	c->fault = "none";
	c->digest = frame_digest(c->frame, c->n_frame);
	if (take(&c->faults.truncate)) {
		c->fault = "truncate";
		c->n_frame /= 2;
	} else if (take(&c->faults.error)) {
		c->fault = "error";
	} else if (take(&c->faults.garble)) {
		c->fault = "garble";
		garble(c);
		c->digest = frame_digest(c->frame, c->n_frame);
	}
	c->due_us += interval_us;
	/* A host that does not ask in time gets the next one later, not two at once. */
	if (c->due_us < now_us) {
		c->frames_late++;
		c->due_us = now_us;
	}
}

static void
end_frame(struct softcam *c)
{
	printf("frame film=%" PRIu32 " bytes=%zu digest=%" PRIu64 " fault=%s\n", c->film_at, c->n_frame,
	       c->digest, c->fault);
	c->frames_sent++;
	(void)take(&c->asked);
	c->frame_id ^= 1;
	c->n_frame = 0;
	next_film_frame(c);
}

size_t
softcam_payload(struct softcam *c, int64_t now_us, uint8_t *out, size_t most)
{
	size_t n;

	if (c->n_frame == 0)
		begin_frame(c, now_us);
	most = most > PAYLOAD_MAX ? PAYLOAD_MAX : most;
	CHECK(most > PAYLOAD_HEADER);
	n = c->n_frame - c->sent < most - PAYLOAD_HEADER ? c->n_frame - c->sent : most - PAYLOAD_HEADER;
	out[0] = PAYLOAD_HEADER;
	out[1] = (uint8_t)(0x8c | c->frame_id); /* a header that ends, with both clocks */
	put(out + 2, (uint64_t)now_us * (CLOCK_HZ / 1000000), 4);
	put(out + 6, (uint64_t)now_us * (CLOCK_HZ / 1000000), 4);
	put(out + 10, (uint64_t)now_us / 1000 & 0x7ff, 2);
	memcpy(out + PAYLOAD_HEADER, c->frame + c->sent, n);
	if (c->fault[0] == 'e' && c->sent == 0)
		out[1] |= 0x40;
	c->sent += n;
	if (c->sent == c->n_frame) {
		out[1] |= 2;
		end_frame(c);
	}
	return PAYLOAD_HEADER + n;
}
