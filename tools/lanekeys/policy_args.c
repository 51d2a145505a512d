/*
 * Reads the arguments of "lanekeys policy": recipients from their files, rules from a
 * table with their ranges. Each refusal is one sentence that says what is allowed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../common/say.h"
#include "commands.h"
#include "policy_args.h"

enum wish_option {
	OPTION_VERSION = 1000,
	OPTION_RECIPIENT,
	OPTION_REQUIRE,
	OPTION_COLLECTOR,
	OPTION_ANCHOR,
	OPTION_KEY,
	OPTION_OUT,
	OPTION_VALID_DAYS,
	OPTION_NOT_BEFORE,
	OPTION_NOT_AFTER,
	OPTION_PASSPHRASE_FILE,
	OPTION_RULES, /* and one for each row of rules */
};

/* The rules with a number: name, meaning, where it lies, range, default. */
static const struct rule {
	const char *name, *help;
	size_t at;
	uint32_t lo, hi, preset;
} rules[] = {
    {"margin-x", "Margin left and right of the plate, thousandths of its width (default 150)",
     offsetof(struct policy, margin_x_permille), 0, 1000, 150},
    {"margin-y", "Margin above and below the plate, thousandths of its height (default 300)",
     offsetof(struct policy, margin_y_permille), 0, 1000, 300},
    {"share-max", "Largest crop, thousandths of the frame; a larger one is refused (default 150)",
     offsetof(struct policy, share_max_permille), 1, 250, 150},
    {"views", "Most views of one plate in a record (default 3)", offsetof(struct policy, views_max), 1, 8, 3},
    {"retention-days", "How long a unit keeps records (default 30); see --drop-undelivered",
     offsetof(struct policy, retention_days), 1, 3650, 30},
    {"heartbeat-s", "Seconds between signs of life in the chain (default 60)",
     offsetof(struct policy, heartbeat_s), 1, 86400, 60},
    {"clock-error-ms", "Largest error of the unit's clock, 0: no demand (default 0)",
     offsetof(struct policy, clock_error_max_ms), 0, UINT32_MAX, 0},
    {"drop-undelivered",
     "What a unit may drop before anybody has it, and say so in its chain: 0 nothing, 1 records older than the "
     "retention, 2 the oldest ones when its disk is full, 3 both (default 0)",
     offsetof(struct policy, drop_undelivered), 0, POLICY_DROP_BOTH, 0},
};

static int
number(const char *name, const char *text, uint64_t lo, uint64_t hi, uint64_t *v)
{
	char *end;

	errno = 0;
	*v = strtoull(text, &end, 10);
	if (errno == 0 && text[0] >= '0' && text[0] <= '9' && *end == 0 && *v >= lo && *v <= hi)
		return 0;
	say_trouble("--%s %s: must be a whole number from %llu to %llu", name, text, (unsigned long long)lo,
		    (unsigned long long)hi);
	return -ERANGE;
}

/* A day, or an instant to the second; both in UTC. */
static int
date(const char *name, const char *text, int64_t *s)
{
	struct tm tm = {0};
	const char *end;

	end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (!end || *end) {
		tm = (struct tm){0};
		end = strptime(text, "%Y-%m-%d", &tm);
	}
	*s = end && *end == 0 ? (int64_t)timegm(&tm) : -1;
	if (*s >= 0)
		return 0;
	say_trouble("--%s %s: must be a date like 2031-05-01 or 2031-05-01T06:00:00Z (UTC), after 1970", name,
		    text);
	return -EINVAL;
}

static int
add_role(const char *option, const char *role, size_t n, char into[POLICY_ROLE_BYTES])
{
	if (n > 0 && n < POLICY_ROLE_BYTES && strspn(role, "abcdefghijklmnopqrstuvwxyz0123456789-") >= n) {
		memcpy(into, role, n);
		into[n] = 0;
		return 0;
	}
	say_trouble("--%s %s: a role has 1 to %d small letters, digits and '-'", option, role,
		    POLICY_ROLE_BYTES - 1);
	return -EINVAL;
}

static int
same_twice(const struct policy *p, const struct policy_recipient *r)
{
	for (uint32_t i = 0; i < p->n_recipients; i++) {
		const struct policy_recipient *other = &p->recipients[i];

		if (strcmp(other->role, r->role) == 0) {
			say_trouble("--recipient %s: this role is named twice", r->role);
			return 1;
		}
		if (memcmp(other->point, r->point, sizeof(r->point)) == 0) {
			say_trouble(
			    "--recipient %s: has the same key as %s; every role needs a key of its own",
			    r->role, other->role);
			return 1;
		}
	}
	return 0;
}

/* ROLE=FILE */
static int
add_recipient(struct policy *p, const char *text)
{
	struct policy_recipient *r = &p->recipients[p->n_recipients];
	const char *equals = strchr(text, '=');
	EVP_PKEY *key = NULL;
	int err;

	if (!equals || equals[1] == 0) {
		say_trouble("--recipient %s: must be ROLE=FILE, such as agency=agency.pub.pem", text);
		return -EINVAL;
	}
	if (p->n_recipients == POLICY_RECIPIENTS_MAX) {
		say_trouble("--recipient %s: a policy has at most %d recipients", text,
			    POLICY_RECIPIENTS_MAX);
		return -ERANGE;
	}
	err = add_role("recipient", text, (size_t)(equals - text), r->role);
	if (err == 0)
		err = key_load_public(equals + 1, &key);
	if (err == 0)
		err = key_point(key, r->point);
	if (err == 0)
		err = record_key_id(r->point, r->key_id);
	EVP_PKEY_free(key);
	if (err == 0 && same_twice(p, r))
		err = -EINVAL;
	if (err == 0)
		p->n_recipients++;
	return err;
}

static int
add_required(struct policy *p, const char *role)
{
	if (p->n_required == POLICY_RECIPIENTS_MAX) {
		say_trouble("--require %s: at most %d roles can be required", role, POLICY_RECIPIENTS_MAX);
		return -ERANGE;
	}
	return add_role("require", role, strlen(role), p->required[p->n_required++]);
}

static int
add_collector(struct policy *p, const char *url)
{
	size_t n = strlen(url);

	if (p->n_collectors < POLICY_COLLECTORS_MAX && n > 0 && n < POLICY_URL_BYTES) {
		memcpy(p->collectors[p->n_collectors++], url, n + 1);
		return 0;
	}
	say_trouble("--collector %s: a policy has at most %d collectors of at most %d characters", url,
		    POLICY_COLLECTORS_MAX, POLICY_URL_BYTES - 1);
	return -ERANGE;
}

static int
set_anchor(struct policy *p, const char *path)
{
	uint8_t *der = NULL;
	X509 *c = NULL;
	struct span piece;
	int n, err;

	err = key_load_certificate(path, &c);
	if (err < 0)
		return err;
	n = i2d_X509(c, &der);
	X509_free(c);
	CHECK(n > 0);
	piece = SPAN(der, (size_t)n);
	err = hal_crypto_sha256(&piece, 1, p->collector_anchor);
	OPENSSL_free(der);
	return err;
}

static int
set_rule(struct policy *p, const struct rule *r, const char *text)
{
	uint32_t value;
	uint64_t v;
	int err;

	err = number(r->name, text, r->lo, r->hi, &v);
	value = (uint32_t)v;
	if (err == 0)
		memcpy((char *)p + r->at, &value, sizeof(value));
	return err;
}

static int
set_option(struct policy_wish *w, int option, const char *arg)
{
	struct policy *p = &w->policy;
	uint64_t v = 0;
	int err;

	switch (option) {
	case OPTION_VERSION:
		return number("version", arg, 1, UINT64_MAX, &p->version);
	case OPTION_RECIPIENT:
		return add_recipient(p, arg);
	case OPTION_REQUIRE:
		return add_required(p, arg);
	case OPTION_COLLECTOR:
		return add_collector(p, arg);
	case OPTION_ANCHOR:
		return set_anchor(p, arg);
	case OPTION_VALID_DAYS:
		err = number("valid-days", arg, 1, 36500, &v);
		w->valid_days = (int64_t)v;
		return err;
	case OPTION_NOT_BEFORE:
		return date("not-before", arg, &p->not_before_s);
	case OPTION_NOT_AFTER:
		return date("not-after", arg, &p->not_after_s);
	default:
		return set_rule(p, &rules[option - OPTION_RULES], arg);
	}
}

static error_t
parse(int option, char *arg, struct argp_state *state)
{
	struct policy_wish *w = state->input;

	switch (option) {
	case OPTION_KEY:
		w->key = arg;
		return 0;
	case OPTION_OUT:
		w->out = arg;
		return 0;
	case OPTION_PASSPHRASE_FILE:
		w->lock.file = arg;
		return 0;
	case ARGP_KEY_END:
		if (w->bad)
			return 0;
		if (!w->key)
			argp_error(state, "--key is missing: policy-key.pem, which signs the policy");
		if (!w->out)
			argp_error(state, "--out is missing: the file for the policy");
		if (w->policy.version == 0)
			argp_error(state, "--version is missing: higher than that of every policy before");
		return 0;
	default:
		if (option < OPTION_VERSION || option >= OPTION_RULES + (int)ARRAY_SIZE(rules))
			return ARGP_ERR_UNKNOWN;
		w->bad |= set_option(w, option, arg) < 0;
		return 0;
	}
}

static const struct argp_option plain_options[] = {
    {"version", OPTION_VERSION, "N", 0, "Number of this policy; units take only higher ones", 0},
    {"recipient", OPTION_RECIPIENT, "ROLE=FILE", 0, "A recipient's public key; agency and at least one more",
     0},
    {"require", OPTION_REQUIRE, "ROLE", 0, "A role that must be among the recipients, beside agency", 0},
    {"key", OPTION_KEY, "FILE", 0, "policy-key.pem, which signs", 0},
    {"passphrase-file", OPTION_PASSPHRASE_FILE, "FILE", 0, "Unlock --key with the first line of FILE", 0},
    {"out", OPTION_OUT, "FILE", 0, "The file to make, such as policy.cose", 0},
    {"valid-days", OPTION_VALID_DAYS, "N", 0, "Days from --not-before on (default 365)", 0},
    {"not-before", OPTION_NOT_BEFORE, "DATE", 0, "First instant of validity (default: the current hour)", 0},
    {"not-after", OPTION_NOT_AFTER, "DATE", 0, "Last instant, in place of --valid-days", 0},
    {"collector", OPTION_COLLECTOR, "URL", 0, "Where units deliver; may be given again", 0},
    {"collector-anchor", OPTION_ANCHOR, "CERT", 0, "The certificate that vouches for the collectors", 0},
};

void
policy_args_take(struct policy_wish *w, int argc, char **argv)
{
	struct argp_option options[ARRAY_SIZE(plain_options) + ARRAY_SIZE(rules) + 1] = {0};
	const struct argp argp = {options,
				  parse,
				  NULL,
				  "Makes and signs a policy: who may open records, and the rules "
				  "for what is in them.",
				  NULL,
				  NULL,
				  NULL};
	size_t n = ARRAY_SIZE(plain_options);

	memcpy(options, plain_options, sizeof(plain_options));
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		memcpy((char *)&w->policy + rules[i].at, &rules[i].preset, sizeof(rules[i].preset));
		options[n++] =
		    (struct argp_option){rules[i].name, OPTION_RULES + (int)i, "N", 0, rules[i].help, 0};
	}
	command_parse(&argp, argc, argv, w);
}
