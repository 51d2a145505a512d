/*
 * tools/lanescore/photos.h - photographs that drive by: each comes nearer, shakes, blurs, and is exposed differently.
 */
#ifndef LANESCORE_PHOTOS_H
#define LANESCORE_PHOTOS_H

#include "watch.h"

struct photos_wish {
	const char *truth;   /* gt.csv: file,img_w,img_h,x,y,w,h; pictures lie below its folder */
	const char *only;    /* names that begin with this; NULL: all */
	uint64_t seed;
	uint32_t every;      /* one of so many photographs */
};

/* Nothing made of a photograph is written anywhere. -ENOENT, -EBADMSG: said on stderr. */
int photos_run(struct watch *w, const struct photos_wish *wish) MUST_CHECK;

#endif
