/*
 * Finds runs of digits of an alphabet and reads them. Both alphabets work alike:
 * a digit stands for 4 or 6 bits.
 */
#include "spelled.h"

#include <errno.h>
#include <stdlib.h>

struct alphabet {
	const char *name;
	int bits;        /* a digit stands for */
	size_t readings; /* places a run may have begun at */
	int (*digit)(uint8_t c);
};

static int
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* With the two digits of RFC 4648's alphabet for names as well. */
static int
base64_digit(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

static const struct alphabet alphabets[] = {
    {"hex", 4, 2, hex_digit},
    {"base64", 6, 4, base64_digit},
};

static int
is_line_end(uint8_t c)
{
	return c == '\n' || c == '\r';
}

/* The end of the run that begins at `at`, and how many digits it has. */
static size_t
run_end(const struct alphabet *a, struct span in, size_t at, size_t *digits)
{
	*digits = 0;
	for (; at < in.n && (a->digit(in.p[at]) >= 0 || is_line_end(in.p[at])); at++)
		*digits += !is_line_end(in.p[at]);
	return at;
}

/* Reads a run without its first `skip` digits. */
static size_t
read_run(const struct alphabet *a, struct span run, size_t skip, uint8_t *out)
{
	uint32_t bits = 0;
	int have = 0;
	size_t n = 0;

	for (size_t i = 0; i < run.n; i++) {
		int digit = a->digit(run.p[i]);

		if (digit < 0)
			continue;
		if (skip > 0) {
			skip--;
			continue;
		}
		bits = bits << a->bits | (uint32_t)digit;
		have += a->bits;
		if (have >= 8) {
			have -= 8;
			out[n++] = (uint8_t)(bits >> have);
		}
	}
	return n;
}

static int
read_all(const struct alphabet *a, struct span in, spelled_heard heard, void *arg)
{
	for (size_t at = 0; at < in.n; at++) {
		size_t digits, end;
		uint8_t *out;

		if (a->digit(in.p[at]) < 0)
			continue;
		end = run_end(a, in, at, &digits);
		if (digits >= SPELLED_LEAST) {
			out = malloc(digits);
			if (out == NULL)
				return -ENOMEM;
			for (size_t skip = 0; skip < a->readings; skip++)
				heard(arg, SPAN(out, read_run(a, SPAN(in.p + at, end - at), skip, out)),
				      a->name, at);
			free(out);
		}
		at = end;
	}
	return 0;
}

int
spelled_read(struct span in, spelled_heard heard, void *arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(alphabets); i++) {
		int err = read_all(&alphabets[i], in, heard, arg);

		if (err < 0)
			return err;
	}
	return 0;
}
