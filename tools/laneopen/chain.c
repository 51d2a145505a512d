/*
 * Follows the chain over what scan.c found: puts the entries in order, compares each
 * link with the entry before it, settles copies and rivals for one place, and
 * writes down what is absent. Everything here costs n log n at most.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "chain.h"

/* By sequence; where two are equal, what is signed comes first, then the name decides. */
static int
order_of_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->sequence != y->sequence)
		return x->sequence < y->sequence ? -1 : 1;
	if (x->place != y->place)
		return x->place > y->place ? -1 : 1;
	if (x->answer != y->answer)
		return x->answer < y->answer ? -1 : 1;
	return x->file && y->file ? strcmp(x->file, y->file) : 0;
}

static int
same_entry(const struct item *x, const struct item *y)
{
	return memcmp(x->hash, y->hash, sizeof(x->hash)) == 0;
}

/*
 * One record in two files is one record. The better copy comes first in the order;
 * a later one is told as a copy, unless it was altered, which stays an answer.
 */
static void
drop_copies(struct chain *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->n; i++) {
		struct item *it = &c->items[i];
		const struct item *first = NULL;

		if (it->place == PLACE_SIGNED && it->answer != ANSWER_ALTERED)
			for (size_t k = kept; k > 0 && c->items[k - 1].sequence == it->sequence; k--)
				if (c->items[k - 1].place == PLACE_SIGNED && same_entry(&c->items[k - 1], it))
					first = &c->items[k - 1];
		if (first) {
			chain_note(c, it->file, "is one more copy of the record in %s", first->file);
			free(it->file);
			continue;
		}
		c->items[kept++] = *it;
	}
	c->n = kept;
}

/* ---- absent entries ---- */

struct walk {
	struct chain *c;
	const struct chain_rules *rules;
	size_t n;        /* entries before absent ones were added */
	uint64_t next;   /* sequence that should come now */
	size_t unplaced; /* first entry since the last signed one */
};

static void
add_missing(struct walk *w, uint64_t first, uint64_t last)
{
	struct item *it;

	if (first > last)
		return;
	it = chain_add(w->c, NULL);
	it->place = PLACE_ABSENT;
	it->sequence = first;
	it->last = last;
	memcpy(it->unit, w->rules->unit, sizeof(it->unit));
	if (first == last)
		item_answer(it, ANSWER_MISSING,
			    "the unit made this record, since later ones follow it; it is not here");
	else
		item_answer(it, ANSWER_MISSING,
			    "the unit made these %" PRIu64 " records, since later ones follow them; "
			    "they are not here",
			    last - first + 1);
}

/* A damaged file stands for the record in whose place it lies; another unit's does not. */
static int
stands_for_its_place(const struct walk *w, const struct item *it)
{
	return it->place == PLACE_NAME && (it->unit[0] == 0 || strcmp(it->unit, w->rules->unit) == 0);
}

/* A signed entry with this sequence was reached, at index `at`. */
static void
close_gap(struct walk *w, size_t at, uint64_t sequence)
{
	for (size_t i = w->unplaced; i < at; i++) {
		const struct item *it = &w->c->items[i];

		if (!stands_for_its_place(w, it) || it->sequence < w->next || it->sequence >= sequence)
			continue;
		add_missing(w, w->next, it->sequence - 1);
		w->next = it->sequence + 1;
	}
	if (w->next < sequence)
		add_missing(w, w->next, sequence - 1);
	if (sequence >= w->next)
		w->next = sequence == UINT64_MAX ? sequence : sequence + 1;
}

/* ---- links ---- */

/* The end of the entries with the same sequence as that at `at`. */
static size_t
group_end(const struct walk *w, size_t at)
{
	size_t end = at + 1;

	while (end < w->n && w->c->items[end].sequence == w->c->items[at].sequence)
		end++;
	return end;
}

static size_t
signed_in(const struct walk *w, size_t at, size_t end)
{
	size_t n = 0;

	/* Signed ones come first in a group. */
	while (at + n < end && w->c->items[at + n].place == PLACE_SIGNED)
		n++;
	return n;
}

/* Two different entries for one place: the one that the next entry names is the chain's. NULL: nothing decides. */
static struct item *
settle_rivals(struct walk *w, size_t at, size_t n, size_t end)
{
	const struct item *next = end < w->n ? &w->c->items[end] : NULL;
	struct item *chosen = NULL;

	if (next && next->place == PLACE_SIGNED && next->sequence == w->c->items[at].sequence + 1)
		for (size_t i = at; i < at + n; i++)
			if (memcmp(w->c->items[i].hash, next->previous, sizeof(next->previous)) == 0)
				chosen = &w->c->items[i];
	for (size_t i = at; i < at + n; i++) {
		struct item *it = &w->c->items[i];

		if (it == chosen || (chosen && same_entry(it, chosen)))
			continue;
		it->link = LINK_BROKEN;
		if (chosen)
			item_answer(it, ANSWER_ALTERED,
				    "another record signed for this place is the one the chain goes on from");
		else
			item_answer(it, ANSWER_CANNOT_TELL,
				    "two different signed records claim this place, and nothing says "
				    "which is the chain's");
	}
	return chosen;
}

static void
check_link(struct item *it, const struct item *before, const struct chain_rules *rules)
{
	static const uint8_t nothing[CRYPTO_HASH_BYTES];

	if (it->sequence == 1)
		it->link = same_bytes(it->previous, nothing, sizeof(nothing)) ? LINK_FIRST : LINK_BROKEN;
	else if (before && before->sequence == it->sequence - 1)
		it->link =
		    same_bytes(it->previous, before->hash, sizeof(before->hash)) ? LINK_FITS : LINK_BROKEN;
	else
		it->link = it->sequence == rules->from ? LINK_FIRST : LINK_CANNOT;
	if (it->link == LINK_BROKEN && it->answer != ANSWER_ALTERED)
		item_answer(it, ANSWER_ALTERED,
			    "signed, but its link does not name the record before it (%" PRIu64 ")",
			    it->sequence - 1);
}

static const char *
words_for_good(const struct item *it)
{
	if (it->link == LINK_CANNOT)
		return "signed by the unit; its link cannot be checked, since the record before it is not here whole";
	if (it->link == LINK_FIRST)
		return it->sequence == 1
			   ? "signed by the unit, the first of its chain"
			   : "signed by the unit; its link leads to records that were not asked for";
	return "signed by the unit, and its link fits the record before it";
}

/* ---- what the unit itself said it dropped ---- */

static void
explain_missing(struct chain *c)
{
	static const char *const why[] = {"", "they were too old", "there was no space",
					  "of a storage fault"};

	for (size_t g = 0; g < c->n; g++) {
		const struct item *gap = &c->items[g];

		if (gap->place != PLACE_SIGNED || gap->kind != ENTRY_GAP || gap->answer != ANSWER_GOOD)
			continue;
		/* What was dropped lies before the statement; the search ends at its beginning. */
		for (size_t i = g; i > 0 && c->items[i - 1].last >= gap->gap_first; i--) {
			struct item *it = &c->items[i - 1];

			if (it->place == PLACE_ABSENT && it->sequence >= gap->gap_first &&
			    it->last <= gap->gap_last)
				item_answer(it, ANSWER_MISSING,
					    "the unit says in record %" PRIu64
					    " that it dropped them because %s",
					    gap->sequence, why[gap->gap_reason]);
		}
	}
}

static int
are_rivals(const struct walk *w, size_t at, size_t n)
{
	for (size_t i = at + 1; i < at + n; i++)
		if (!same_entry(&w->c->items[at], &w->c->items[i]))
			return 1;
	return 0;
}

/* The signed entries of one place, and the entry before them. Returns the one that the next link has to name. */
static const struct item *
check_group(struct walk *w, size_t at, size_t n, size_t end, const struct item *before)
{
	struct item *chosen = &w->c->items[at];

	if (are_rivals(w, at, n)) {
		chosen = settle_rivals(w, at, n, end);
		if (chosen)
			check_link(chosen, before, w->rules);
		return chosen;
	}
	for (size_t i = at; i < at + n; i++)
		check_link(&w->c->items[i], before, w->rules);
	return chosen;
}

static void
walk_groups(struct walk *w)
{
	struct item before = {0}; /* a copy: the entries move when absent ones are added */
	size_t end;

	for (size_t at = 0; at < w->n; at = end) {
		const struct item *chosen;
		size_t n;

		end = group_end(w, at);
		n = signed_in(w, at, end);
		if (n == 0)
			continue;
		close_gap(w, at, w->c->items[at].sequence);
		w->unplaced = end;
		chosen = check_group(w, at, n, end, before.sequence ? &before : NULL);
		before = chosen ? *chosen : (struct item){0};
	}
}

void
chain_judge(struct chain *c, const struct chain_rules *rules)
{
	struct walk w = {.c = c, .rules = rules, .next = rules->from};

	if (c->n)
		qsort(c->items, c->n, sizeof(*c->items), order_of_items);
	drop_copies(c);
	w.n = c->n;
	walk_groups(&w);
	for (size_t i = 0; i < c->n; i++)
		if (c->items[i].answer == ANSWER_GOOD)
			item_answer(&c->items[i], ANSWER_GOOD, "%s", words_for_good(&c->items[i]));
	if (c->n)
		qsort(c->items, c->n, sizeof(*c->items), order_of_items);
	explain_missing(c);
}
