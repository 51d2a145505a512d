/*
 * The command line of laneopen.
 */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "args.h"

enum wish_option {
	OPTION_KEY = 1000,
	OPTION_PASSPHRASE_FILE,
	OPTION_POLICY,
	OPTION_POLICY_KEY,
	OPTION_UNIT,
	OPTION_MAKER,
	OPTION_OUT,
	OPTION_FROM,
	OPTION_AS_OF,
	OPTION_VERIFY,
	OPTION_JSON,
};

static const struct argp_option options[] = {
    {"key", OPTION_KEY, "FILE", 0, "The recipient's private key (PEM)", 0},
    {"passphrase-file", OPTION_PASSPHRASE_FILE, "FILE", 0,
     "Unlock --key with the first line of FILE, not on the terminal", 0},
    {"policy", OPTION_POLICY, "FILE", 0, "A policy that records were sealed under; may be given again", 0},
    {"policy-key", OPTION_POLICY_KEY, "FILE", 0, "Check the policies' signature with policy-key.der", 0},
    {"unit-cert", OPTION_UNIT, "FILE", 0, "The unit's certificate", 0},
    {"maker", OPTION_MAKER, "FILE", 0, "Check the unit's certificate with its maker's (maker-cert.pem)", 0},
    {"out", OPTION_OUT, "DIR", 0, "New or empty folder for pictures, index.json and contact.html", 0},
    {"from", OPTION_FROM, "N", 0, "Records before sequence N are not expected here (default 1)", 0},
    {"as-of", OPTION_AS_OF, "TIME", 0,
     "The unit ran at least until then (2031-05-01T06:00:00Z): ask for its signs of life, so that a cut end shows", 0},
    {"verify-only", OPTION_VERIFY, NULL, 0, "Check without opening: needs neither --key nor --out, and --policy only for what was sealed", 0},
    {"json", OPTION_JSON, NULL, 0, "Write the index to standard output, in place of words", 0},
    {0},
};

static void
take_from(struct wish *w, const char *arg, struct argp_state *state)
{
	char *end;

	errno = 0;
	w->from = strtoull(arg, &end, 10);
	if (errno || *end || arg[0] < '0' || arg[0] > '9' || w->from == 0)
		argp_error(state, "--from %s: must be a sequence number, 1 or more", arg);
}

static void
take_as_of(struct wish *w, const char *arg, struct argp_state *state)
{
	struct tm tm = {0};
	const char *end = strptime(arg, "%Y-%m-%dT%H:%M:%SZ", &tm);

	w->as_of_s = end && *end == 0 ? (int64_t)timegm(&tm) : 0;
	if (w->as_of_s <= 0)
		argp_error(state, "--as-of %s: must be a time in UTC, as in 2031-05-01T06:00:00Z", arg);
}

static void
check_wish(const struct wish *w, struct argp_state *state)
{
	if (!w->folder)
		argp_error(state, "name the folder with the records");
	if (w->n_policies == 0 && !w->verify_only)
		argp_error(state, "--policy is missing: the policy that the records were sealed under");
	if (w->n_policies == 0 && w->policy_key)
		argp_error(state, "--policy-key checks policies, and none is given: name one with --policy");
	if (!w->unit)
		argp_error(state,
			   "--unit-cert is missing: the certificate of the unit that made the records");
	if (!w->verify_only && !w->key)
		argp_error(state, "--key is missing: the recipient's private key, or --verify-only");
	if (!w->verify_only && !w->out)
		argp_error(state, "--out is missing: the folder for what is opened, or --verify-only");
}

static error_t
parse(int option, char *arg, struct argp_state *state)
{
	struct wish *w = state->input;

	switch (option) {
	case OPTION_KEY:
		w->key = arg;
		break;
	case OPTION_PASSPHRASE_FILE:
		w->passphrase.file = arg;
		break;
	case OPTION_POLICY:
		if (w->n_policies == POLICIES_MAX)
			argp_error(state, "--policy: at most %d can be given", POLICIES_MAX);
		w->policies[w->n_policies++] = arg;
		break;
	case OPTION_POLICY_KEY:
		w->policy_key = arg;
		break;
	case OPTION_UNIT:
		w->unit = arg;
		break;
	case OPTION_MAKER:
		w->maker = arg;
		break;
	case OPTION_OUT:
		w->out = arg;
		break;
	case OPTION_FROM:
		take_from(w, arg, state);
		break;
	case OPTION_AS_OF:
		take_as_of(w, arg, state);
		break;
	case OPTION_VERIFY:
		w->verify_only = 1;
		break;
	case OPTION_JSON:
		w->json = 1;
		break;
	case ARGP_KEY_ARG:
		if (w->folder)
			argp_error(state, "%s: only one folder of records at a time", arg);
		w->folder = arg;
		break;
	case ARGP_KEY_END:
		check_wish(w, state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

void
args_take(struct wish *w, int argc, char **argv)
{
	static const struct argp argp = {
	    options,
	    parse,
	    "FOLDER",
	    "Checks the records of a lane and opens them.\v"
	    "Exit status: 0 all opened (or verified), 1 could not do its work, 2 something was altered, 3 something is "
	    "missing, 4 cannot tell. No picture is written before signature, place in the chain and content key were "
	    "checked.",
	    NULL,
	    NULL,
	    NULL};

	*w = (struct wish){.from = 1};
	argp_err_exit_status = EXIT_TROUBLE;
	CHECK(argp_parse(&argp, argc, argv, 0, NULL, w) == 0);
	if (w->verify_only)
		w->key = NULL; /* not even read */
}
