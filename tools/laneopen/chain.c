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

/* ---- what the unit itself says is not there ---- */

struct gap {
	uint64_t first, last, sequence;
	size_t farthest; /* of this one and those before it, the one that reaches farthest */
	uint8_t reason;
};

struct gaps {
	struct gap *list;
	size_t n;
};

static int
order_of_gaps(const void *a, const void *b)
{
	const struct gap *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

static void
collect_gaps(struct gaps *g, const struct chain *c)
{
	g->n = 0;
	g->list = calloc(c->n + 1, sizeof(*g->list));
	CHECK(g->list);
	for (size_t i = 0; i < c->n; i++) {
		const struct item *it = &c->items[i];

		if (it->place == PLACE_SIGNED && it->kind == ENTRY_GAP && it->answer == ANSWER_GOOD && it->gap_first > 0)
			g->list[g->n++] = (struct gap){it->gap_first, it->gap_last, it->sequence, 0, it->gap_reason};
	}
	if (g->n)
		qsort(g->list, g->n, sizeof(*g->list), order_of_gaps);
	for (size_t i = 1; i < g->n; i++)
		g->list[i].farthest = g->list[i].last >= g->list[g->list[i - 1].farthest].last ? i : g->list[i - 1].farthest;
}

/* The gap that speaks of this number; NULL: none does, and none before *until. */
static const struct gap *
gap_of(const struct gaps *g, uint64_t number, uint64_t *until)
{
	size_t low = 0, high = g->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (g->list[middle].first <= number)
			low = middle + 1;
		else
			high = middle;
	}
	*until = low < g->n ? g->list[low].first - 1 : UINT64_MAX;
	/* They may overlap: one that is dropped itself is said again by the next, with more. */
	if (low == 0 || g->list[g->list[low - 1].farthest].last < number)
		return NULL;
	return &g->list[g->list[low - 1].farthest];
}

static void
explain(struct chain *c, struct item *it, const struct gap *g)
{
	static const char *const why[] = {
	    [GAP_AGE] = "it dropped them because they were too old",
	    [GAP_SPACE] = "it dropped them because there was no space",
	    [GAP_DAMAGED] = "its storage did not give them back",
	    [GAP_UNFINISHED] = "it was cut short while writing; nothing was promised",
	};

	item_answer(it, ANSWER_MISSING, "the unit says in record %" PRIu64 " that %s", g->sequence, why[g->reason]);
	it->explained = g->reason;
	if (g->reason == GAP_UNFINISHED)
		c->unused += it->last - it->sequence + 1;
}

/* Splits one absent stretch where statements about it begin and end. */
static void
explain_stretch(struct chain *c, const struct gaps *g, size_t i)
{
	uint64_t last = c->items[i].last, first = c->items[i].sequence, until;

	while (first <= last) {
		const struct gap *gap = gap_of(g, first, &until);
		struct item *it = &c->items[i];
		uint64_t end = gap ? gap->last : until;

		if (first > it->sequence) {
			it = chain_add(c, NULL);
			*it = c->items[i];
			it->explained = 0;
			it->sequence = first;
			item_answer(it, ANSWER_MISSING, "the unit made these records, since later ones follow them; they are not here");
		}
		it->last = end < last ? end : last;
		first = it->last + 1;
		if (gap)
			explain(c, it, gap);
	}
}

static void
explain_missing(struct chain *c)
{
	struct gaps g;
	size_t n = c->n, kept = 0;
	uint64_t until;

	collect_gaps(&g, c);
	for (size_t i = 0; i < n && g.n > 0; i++) {
		struct item *it = &c->items[i];
		const struct gap *gap = it->place == PLACE_NAME ? gap_of(&g, it->sequence, &until) : NULL;

		if (it->place == PLACE_ABSENT)
			explain_stretch(c, &g, i);
		/* Damage on the unit's own storage is no accusation when the unit said so itself. */
		else if (gap && it->bytes == 0 && gap->reason >= GAP_DAMAGED)
			explain(c, it, gap);
	}
	free(g.list);
	/* A number that no finished record had stands for nothing. */
	for (size_t i = 0; i < c->n; i++)
		if (c->items[i].explained == GAP_UNFINISHED)
			free(c->items[i].file);
		else
			c->items[kept++] = c->items[i];
	c->n = kept;
	if (c->n)
		qsort(c->items, c->n, sizeof(*c->items), order_of_items);
}

/* A chain cannot show what was cut off its end; the time of the last sign of life can. */
static void
check_tail(struct chain *c, const struct chain_rules *rules)
{
	int64_t last_s = 0, interval_s = 0;
	uint64_t sequence = 0;
	struct item *it;

	for (size_t i = 0; i < c->n; i++) {
		if (c->items[i].place != PLACE_SIGNED)
			continue;
		sequence = c->items[i].sequence;
		if (c->items[i].kind == ENTRY_PASSAGE)
			continue;
		last_s = c->items[i].time_s;
		if (c->items[i].kind == ENTRY_HEARTBEAT)
			interval_s = c->items[i].interval_s;
	}
	if (rules->as_of_s == 0 || last_s + interval_s + TAIL_SLACK_S >= rules->as_of_s)
		return;
	it = chain_add(c, NULL);
	it->place = PLACE_ABSENT;
	it->sequence = it->last = sequence + 1;
	memcpy(it->unit, rules->unit, sizeof(it->unit));
	if (interval_s == 0)
		item_answer(it, ANSWER_CANNOT_TELL, "no heartbeat is here, so nothing says whether the chain goes on");
	else
		item_answer(it, ANSWER_CANNOT_TELL,
			    "no sign of life for %" PRId64 " s, though one is due every %" PRId64
			    " s: the unit was off, or the end of its chain is not here",
			    rules->as_of_s - last_s, interval_s);
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
	check_tail(c, rules);
}
