/*
 * contact.html for people: the numbers first, then every record in its order, with
 * what is altered or missing standing where it belongs. All text is escaped,
 * pictures are inside the page.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <openssl/evp.h>

#include "../common/say.h"
#include "contact.h"

static const char page_name[] = "contact.html", cards_name[] = ".contact.cards";

/* What a status is called in the style. */
static const char *const classes[ANSWER_COUNT] = {"good", "altered", "missing", "unsure"};

static FILE *
make_file(int folder, const char *name, const char *mode)
{
	int fd = openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	FILE *f = fd < 0 ? NULL : fdopen(fd, mode);

	if (!f)
		say_trouble("%s: cannot be made: %s", name, strerror(errno));
	if (!f && fd >= 0)
		(void)close(fd);
	return f;
}

int
contact_open(struct contact *p, int folder)
{
	*p = (struct contact){.folder = folder};
	p->cards = make_file(folder, cards_name, "w+");
	if (!p->cards)
		return -EIO;
	(void)unlinkat(folder, cards_name, 0); /* the cards hold pictures: they must not outlive us */
	return 0;
}

/* For text and for attribute values in double quotes; control characters become '?'. */
static void
put_text(FILE *to, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '&':
			(void)fputs("&amp;", to);
			break;
		case '<':
			(void)fputs("&lt;", to);
			break;
		case '>':
			(void)fputs("&gt;", to);
			break;
		case '"':
			(void)fputs("&quot;", to);
			break;
		case '\'':
			(void)fputs("&#39;", to);
			break;
		default:
			(void)fputc((unsigned char)*s < ' ' || *s == 0x7f ? '?' : *s, to);
		}
	}
}

static void
put_picture(FILE *to, const struct crop_view *v, const char *name, uint32_t number)
{
	enum { PIECE = 3 * 1024 };
	unsigned char text[PIECE / 3 * 4 + 1];

	(void)fprintf(to, "<img alt=\"view %u of the plate\" title=\"", number);
	put_text(to, name);
	(void)fprintf(to, "\" src=\"data:image/%s;base64,", v->encoding == CROP_PNG ? "png" : "jpeg");
	for (size_t at = 0; at < v->bytes.n; at += PIECE) {
		size_t n = v->bytes.n - at < PIECE ? v->bytes.n - at : PIECE;
		int chars = EVP_EncodeBlock(text, v->bytes.p + at, (int)n);

		(void)fwrite(text, 1, (size_t)chars, to);
	}
	(void)fputs("\">", to);
}

static void
put_pictures(FILE *to, const struct unpacked *u)
{
	const struct crop *c = &u->crop;

	(void)fputs("<div class=\"best\">", to);
	if (c->n_views > 0)
		put_picture(to, &c->views[0], u->files[0], 1);
	(void)fputs("</div>", to);
	if (c->n_views < 2)
		return;
	(void)fputs("<div class=\"more\">", to);
	for (uint32_t i = 1; i < c->n_views; i++)
		put_picture(to, &c->views[i], u->files[i], i + 1);
	(void)fputs("</div>", to);
}

static void
put_time(FILE *to, int64_t utc_us)
{
	char when[40];

	utc_text(utc_us, when, sizeof(when));
	if (strlen(when) < 23)
		return;
	(void)fprintf(to, "<time datetime=\"%s\">%.10s %.11s UTC</time>", when, when, when + 11);
}

static void
put_facts(FILE *to, const struct crop *c)
{
	const struct crop_view *v = &c->views[0];

	if (c->n_views == 0)
		return;
	(void)fputs("<dl><dt>Time</dt><dd>", to);
	put_time(to, v->utc_us);
	(void)fprintf(to, "</dd><dt>Plate</dt><dd>%d px wide, score %u.%03u</dd>", v->plate.w,
		      v->score_permille / 1000, v->score_permille % 1000);
	(void)fprintf(to, "<dt>In frame</dt><dd>%d, %d of %u &times; %u</dd>", v->plate.x, v->plate.y,
		      c->frame_width_px, c->frame_height_px);
	(void)fprintf(to, "<dt>Passage</dt><dd>lane %u, %s</dd>", c->lane, direction_word(c->direction));
	(void)fprintf(to, "<dt>Seen in</dt><dd>%u frame%s</dd>", c->frames_seen,
		      c->frames_seen == 1 ? "" : "s");
	if (v->name[0]) {
		(void)fputs("<dt>Picture</dt><dd>", to);
		put_text(to, v->name);
		(void)fputs("</dd>", to);
	}
	(void)fputs("</dl>", to);
}

static void
put_card(FILE *to, const struct item *it, const struct unpacked *u)
{
	const char *source = source_word(u->crop.source);

	(void)fputs("<article class=\"card\">", to);
	put_pictures(to, u);
	(void)fprintf(
	    to, "<div class=\"text\"><div class=\"top\"><b>%" PRIu64 "</b><span class=\"tag %s\">%s</span>",
	    it->sequence, source, source);
	(void)fputs("</div>", to);
	put_facts(to, &u->crop);
	if (it->link == LINK_CANNOT) {
		(void)fputs("<p class=\"note\">", to);
		put_text(to, it->reason);
		(void)fputs("</p>", to);
	}
	(void)fputs("</div></article>\n", to);
}

/* Whatever has no picture: altered, missing, cannot tell, and gaps. */
static void
put_strip(FILE *to, const struct item *it, const struct totals *t)
{
	(void)fprintf(to, "<section class=\"bad %s\"><b>", classes[it->answer]);
	if (it->place == PLACE_NONE)
		(void)fputs("?", to);
	else if (it->last != it->sequence)
		(void)fprintf(to, "%" PRIu64 " &ndash; %" PRIu64, it->sequence, it->last);
	else
		(void)fprintf(to, "%" PRIu64, it->sequence);
	(void)fprintf(to, " %s</b>", totals_item(t, it));
	put_text(to, it->reason);
	if (it->file) {
		(void)fputs("<small>", to);
		put_text(to, it->file);
		(void)fputs("</small>", to);
	}
	(void)fputs("</section>\n", to);
}

void
contact_item(struct contact *p, const struct item *it, const struct unpacked *u, const struct totals *t)
{
	/* Signs of life and of health are in index.json. */
	if (it->answer == ANSWER_GOOD && (it->kind == ENTRY_HEARTBEAT || it->kind == ENTRY_HEALTH))
		return;
	if (p->shown >= CONTACT_RECORDS_MAX) {
		p->left_out++;
		return;
	}
	p->shown++;
	if (it->answer == ANSWER_GOOD && u->has_crop)
		put_card(p->cards, it, u);
	else
		put_strip(p->cards, it, t);
}

/* ---- the top of the page ---- */

static void
put_tile(FILE *to, const char *class, uint64_t n, const char *what)
{
	(void)fprintf(to, "<li class=\"%s\"><b>%" PRIu64 "</b><span>%s</span></li>\n", n ? class : "none", n,
		      what);
}

static void
put_period(FILE *to, const struct totals *t)
{
	char first[40], last[40];

	utc_text(t->first_utc_us, first, sizeof(first));
	utc_text(t->last_utc_us, last, sizeof(last));
	if (t->first_utc_us && first[0] && last[0])
		(void)fprintf(to, ", %.10s %.8s to %.10s %.8s UTC", first, first + 11, last, last + 11);
}

/* What nobody must take for more than it is. */
static void
put_cautions(FILE *to, const struct totals *t)
{
	static const struct {
		size_t source;
		const char *words;
	} cautions[] = {
		{4, "<b>self-test</b>: the unit drew a plate when it started, to show that you can open what it seals. "
		    "No vehicle passed."},
		{3, "<b>synthetic</b>: drawn by a simulated camera. No such vehicle exists."},
		{2, "<b>replay</b>: pictures from a folder were shown to the unit. No sensor took them, and their times "
		    "are those of the showing."},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cautions); i++)
		if (t->sources[cautions[i].source])
			(void)fprintf(to, "<p class=\"say\">%" PRIu64 " of these passages are %s</p>\n",
				      t->sources[cautions[i].source], cautions[i].words);
}

static void
put_top(FILE *to, const struct totals *t, const struct chain_rules *rules)
{
	(void)fputs(page_head, to);
	(void)fputs("<header>\n<h1>", to);
	put_text(to, rules->unit);
	(void)fputs("</h1>\n<p class=\"sub\">", to);
	if (t->last_sequence)
		(void)fprintf(to, "Records %" PRIu64 " to %" PRIu64, t->first_sequence, t->last_sequence);
	else
		(void)fputs("No record signed by this unit", to);
	put_period(to, t);
	(void)fputs("</p>\n<ul class=\"tiles\">\n", to);
	put_tile(to, "good", t->answers[ANSWER_GOOD], totals_word(t, ANSWER_GOOD));
	put_tile(to, "altered", t->answers[ANSWER_ALTERED], "altered");
	put_tile(to, "missing", t->answers[ANSWER_MISSING], "missing");
	put_tile(to, "unsure", t->answers[ANSWER_CANNOT_TELL], "cannot tell");
	put_tile(to, "pictures", t->pictures, "pictures");
	(void)fputs("</ul>\n", to);
	put_cautions(to, t);
	(void)fputs("</header>\n<main>\n", to);
}

static void
put_end(FILE *to, const struct contact *p, const struct chain *c, const struct totals *t)
{
	(void)fputs("</main>\n<footer>\n", to);
	if (p->left_out)
		(void)fprintf(to, "<p>%" PRIu64 " more are not shown here; all are in index.json.</p>\n",
			      p->left_out);
	if (c->n_others)
		(void)fprintf(to, "<p>%zu other file%s in the folder: see index.json.</p>\n", c->n_others,
			      c->n_others == 1 ? "" : "s");
	(void)fprintf(to, "<p>Signature of the policy: %s. Certificate of the unit: %s.",
		      t->policies_checked ? "checked" : "not checked, taken as given",
		      t->maker_checked ? "checked" : "not checked, taken as given");
	(void)fputs(" A chain cannot show by itself whether records were cut off after its last one; the time of its last "
		    "sign of life can, see --as-of.</p>\n</footer>\n",
		    to);
	(void)fputs(page_foot, to);
}

static int
copy_cards(FILE *to, FILE *from)
{
	char piece[16384];
	size_t n;

	if (fflush(from) != 0 || ferror(from) || fseek(from, 0, SEEK_SET) != 0)
		return -EIO;
	while ((n = fread(piece, 1, sizeof(piece), from)) > 0)
		if (fwrite(piece, 1, n, to) != n)
			return -EIO;
	return ferror(from) ? -EIO : 0;
}

int
contact_close(struct contact *p, const struct chain *c, const struct totals *t,
	      const struct chain_rules *rules)
{
	FILE *page = make_file(p->folder, page_name, "w");
	int err = page ? 0 : -EIO;

	if (page) {
		put_top(page, t, rules);
		err = copy_cards(page, p->cards);
		put_end(page, p, c, t);
		if (ferror(page))
			err = -EIO;
		if (fclose(page) != 0)
			err = -EIO;
		if (err < 0)
			say_trouble("%s: cannot be written whole", page_name);
	}
	(void)fclose(p->cards);
	return err;
}
