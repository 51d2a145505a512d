/*
 * seal/recipients.c - takes the agency's policy, imports its recipients' keys once, and watches its validity.
 */
#include <string.h>
#include <sys/mman.h>

#include "base/io.h"
#include "base/log.h"
#include "seal/recipients.h"

static uint8_t policy_bytes[POLICY_BYTES_MAX];

static int
read_policy(struct policy *p, int fd, const struct seal_settings *s)
{
	int64_t n = io_load(fd, SPACE_OF(policy_bytes));

	if (n < 0)
		return (int)n;
	return policy_read(p, SPAN(policy_bytes, (size_t)n), s->policy_keys, s->n_policy_keys);
}

/* Holds content keys for moments: kept out of swap and core files where the system lets us. */
static struct space
work_memory(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	(void)madvise(p, n, MADV_DONTDUMP);
	if (mlock2(p, n, MLOCK_ONFAULT) < 0)
		log_event(LOG_WARN, "work_not_locked", "kib", n / 1024);
	return SPACE(p, n);
}

static void
note(struct recipients *r, int trouble)
{
	if (trouble == r->trouble)
		return;
	r->trouble = trouble;
	if (trouble < 0)
		log_event(LOG_ERROR, "no_valid_policy_only_counting", "errno", -trouble, "version",
			  r->policy.version);
	else
		log_event(LOG_NOTE, "policy_in_force", "version", r->policy.version, "recipients",
			  r->policy.n_recipients, "until", r->policy.not_after_s);
}

void
recipients_init(struct recipients *r, int policy_fd, const struct seal_settings *s, int64_t now_s)
{
	int err;

	memset(r, 0, sizeof(*r));
	r->newest = s->policy_newest;
	r->trouble = 1; /* neither: so that the first answer is logged, whatever it is */
	err = read_policy(&r->policy, policy_fd, s);
	if (err < 0) {
		memset(&r->policy, 0, sizeof(r->policy));
		note(r, err);
		return;
	}
	r->work = work_memory(body_sealer_bytes());
	CHECK(body_sealer_open(&r->sealer, r->work, &r->policy) == 0);
	note(r, policy_usable(&r->policy, now_s, r->newest));
}

int
recipients_usable(struct recipients *r, int64_t now_s)
{
	if (!r->sealer)
		return 0;
	note(r, policy_usable(&r->policy, now_s, r->newest));
	return r->trouble == 0;
}

void
recipients_fini(struct recipients *r)
{
	if (!r->sealer)
		return;
	body_sealer_close(r->sealer);
	r->sealer = NULL;
	CHECK(munmap(r->work.p, r->work.n) == 0);
}
