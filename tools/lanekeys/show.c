/*
 * "lanekeys show": says in words what a file of this trade holds. Of a private key
 * it shows the public half only.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <openssl/x509v3.h>

#include "record/policy.h"

#include "../common/file.h"
#include "../common/key.h"
#include "../common/say.h"
#include "commands.h"

struct wish {
	const char *file, *policy_key;
	struct key_passphrase lock;
};

static void
print_hex(const char *title, const uint8_t *p, size_t n)
{
	(void)printf("  %-22s ", title);
	for (size_t i = 0; i < n; i++)
		(void)printf("%02x", p[i]);
	(void)printf("\n");
}

static void
print_time(const char *title, int64_t s)
{
	time_t t = (time_t)s;
	char text[40] = "?";
	struct tm tm;

	if (gmtime_r(&t, &tm))
		(void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm);
	(void)printf("  %-22s %s\n", title, text);
}

/* Text out of a file: nothing in it may act on the terminal. */
static void
print_text(const char *title, const char *text)
{
	(void)printf("  %-22s ", title);
	for (; *text; text++)
		(void)putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
	(void)printf("\n");
}

static void
print_number(const char *title, uint64_t v, const char *unit)
{
	(void)printf("  %-22s %llu%s\n", title, (unsigned long long)v, unit);
}

static int
show_key(const EVP_PKEY *key, const char *what)
{
	uint8_t point[CRYPTO_POINT_BYTES], id[RECORD_KEY_ID_BYTES];

	if (key_point(key, point) < 0 || record_key_id(point, id) < 0)
		return -EINVAL;
	(void)printf("%s, P-256\n", what);
	print_hex("key id", id, sizeof(id));
	print_hex("public point", point, sizeof(point));
	return 0;
}

static void
print_policy(const struct policy *p, const char *signature)
{
	static const char *const drops[] = {"nothing", "what is older than the retention",
					    "the oldest, when its disk is full",
					    "what is older than the retention, and the oldest when its disk is full"};

	(void)printf("a policy\n");
	print_number("version", p->version, "");
	print_text("signature", signature);
	print_time("valid from", p->not_before_s);
	print_time("valid until", p->not_after_s);
	for (uint32_t i = 0; i < p->n_recipients; i++) {
		print_text("recipient", p->recipients[i].role);
		print_hex("  key id", p->recipients[i].key_id, RECORD_KEY_ID_BYTES);
	}
	for (uint32_t i = 0; i < p->n_required; i++)
		print_text("required role", p->required[i]);
	print_number("margin left, right", p->margin_x_permille, " thousandths of the plate's width");
	print_number("margin above, below", p->margin_y_permille, " thousandths of the plate's height");
	print_number("largest crop", p->share_max_permille, " thousandths of the frame");
	print_number("views of a plate", p->views_max, " at most");
	print_number("retention", p->retention_days, " days");
	print_number("heartbeat", p->heartbeat_s, " s");
	print_text("may drop undelivered", drops[p->drop_undelivered]);
	print_number("clock error", p->clock_error_max_ms,
		     p->clock_error_max_ms ? " ms at most" : " (no demand)");
	for (uint32_t i = 0; i < p->n_collectors; i++)
		print_text("collector", p->collectors[i]);
	print_hex("hash, as in records", p->hash, sizeof(p->hash));
}

static int
show_policy(const struct wish *w, struct span bytes)
{
	uint8_t point[1][CRYPTO_POINT_BYTES];
	EVP_PKEY *key = NULL;
	struct policy p;
	int err;

	if (w->policy_key) {
		err = key_load_public(w->policy_key, &key);
		if (err < 0)
			return err;
		err = key_point(key, point[0]);
		EVP_PKEY_free(key);
		if (err == 0)
			err = policy_read(&p, bytes, (const uint8_t(*)[CRYPTO_POINT_BYTES])point, 1);
	} else {
		err = policy_peek(&p, bytes);
	}
	if (err == 0)
		print_policy(&p, w->policy_key ? "by the given policy key"
					       : "not checked; give --policy-key to check it");
	else
		say_trouble("%s: %s", w->file, policy_trouble(err));
	return err;
}

static int
show_certificate(const struct wish *w)
{
	char name[256];
	X509 *c;
	BIO *out;
	int err;

	err = key_load_certificate(w->file, &c);
	if (err < 0)
		return err;
	if (key_certificate_name(c, name, sizeof(name)) < 0)
		(void)snprintf(name, sizeof(name), "(none)");
	err = show_key(X509_get0_pubkey(c),
		       X509_check_ca(c) == 1 ? "a maker's certificate" : "a unit's certificate");
	print_text("name", name);
	(void)fflush(stdout);
	out = BIO_new_fp(stdout, BIO_NOCLOSE);
	CHECK(out);
	(void)BIO_printf(out, "  %-22s ", "made by");
	(void)X509_NAME_print_ex(out, X509_get_issuer_name(c), 0, XN_FLAG_ONELINE);
	(void)BIO_printf(out, "\n  %-22s ", "valid from");
	(void)ASN1_TIME_print(out, X509_get0_notBefore(c));
	(void)BIO_printf(out, "\n  %-22s ", "valid until");
	(void)ASN1_TIME_print(out, X509_get0_notAfter(c));
	(void)BIO_printf(out, "\n");
	BIO_free(out);
	X509_free(c);
	return err;
}

static int
show_private(const struct wish *w)
{
	EVP_PKEY *key;
	int err;

	err = key_load_private(w->file, &w->lock, &key);
	if (err < 0)
		return err;
	err = show_key(key, "a private key (its public half is shown)");
	EVP_PKEY_free(key);
	return err;
}

static int
show_public(const struct wish *w)
{
	EVP_PKEY *key;
	int err;

	err = key_load_public(w->file, &key);
	if (err < 0)
		return err;
	err = show_key(key, "a public key");
	EVP_PKEY_free(key);
	return err;
}

/* unit.der: shown without parsing more of it than its kind. */
static int
show_unit_key(struct span bytes)
{
	const uint8_t *at = bytes.p;
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &at, (long)bytes.n);
	int err;

	err = key ? show_key(key, "a unit's private key (its public half is shown)") : -EINVAL;
	if (err < 0)
		say_trouble("the private key in it is damaged, or of another curve");
	EVP_PKEY_free(key);
	return err;
}

static int
show(const struct wish *w, struct span bytes)
{
	const char *kind = key_kind(bytes);
	const uint8_t *at = bytes.p;
	X509 *c;

	if (kind && strcmp(kind, "a private key") == 0)
		return show_private(w);
	if (kind && strcmp(kind, "a private key (DER)") == 0)
		return show_unit_key(bytes);
	if (kind && strcmp(kind, "a signed policy or record") == 0)
		return show_policy(w, bytes);
	c = bytes.n ? d2i_X509(NULL, &at, (long)bytes.n) : NULL;
	X509_free(c);
	if (c || (kind && strcmp(kind, "a certificate") == 0))
		return show_certificate(w);
	return show_public(w);
}

enum { OPTION_POLICY_KEY = 1000, OPTION_PASSPHRASE_FILE };

static error_t
parse(int option, char *arg, struct argp_state *state)
{
	struct wish *w = state->input;

	switch (option) {
	case OPTION_POLICY_KEY:
		w->policy_key = arg;
		return 0;
	case OPTION_PASSPHRASE_FILE:
		w->lock.file = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (w->file)
			return ARGP_ERR_UNKNOWN;
		w->file = arg;
		return 0;
	case ARGP_KEY_END:
		if (!w->file)
			argp_error(state, "name a file to show");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int
command_show(int argc, char **argv)
{
	static const struct argp_option options[] = {
	    {"policy-key", OPTION_POLICY_KEY, "FILE", 0, "Check a policy's signature with policy-key.der", 0},
	    {"passphrase-file", OPTION_PASSPHRASE_FILE, "FILE", 0,
	     "Unlock a private key with the first line of FILE", 0},
	    {0},
	};
	static const struct argp argp = {options,
					 parse,
					 "FILE",
					 "Says what a policy, key or certificate holds. Never "
					 "shows a secret.",
					 NULL,
					 NULL,
					 NULL};
	struct wish w = {0};
	struct space bytes;
	int err;

	command_parse(&argp, argc, argv, &w);
	err = file_load(w.file, KEY_FILE_MAX, &bytes);
	if (err < 0)
		return 1;
	err = show(&w, SPAN(bytes.p, bytes.n));
	file_free(&bytes);
	return err < 0;
}
