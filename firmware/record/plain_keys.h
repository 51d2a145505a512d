/*
 * Keys of the maps inside a body, shared by plain_write.c and plain_read.c. The page is docs/RECORD.md, "Body".
 */
#ifndef RECORD_PLAIN_KEYS_H
#define RECORD_PLAIN_KEYS_H

enum plain_key {
	PLAIN_PASSAGE = 1,
	PLAIN_SOURCE,
	PLAIN_DIRECTION,
	PLAIN_LANE,
	PLAIN_WIDTH,
	PLAIN_HEIGHT,
	PLAIN_FRAMES,
	PLAIN_FIRST,
	PLAIN_LAST,
	PLAIN_VIEWS,
	PLAIN_KEYS = PLAIN_VIEWS
};

enum view_key {
	VIEW_PLATE = 1,
	VIEW_CROP,
	VIEW_TIME,
	VIEW_SCORE,
	VIEW_SHARPNESS,
	VIEW_EXPOSURE,
	VIEW_ENCODING,
	VIEW_NAME,
	VIEW_PICTURE,
	VIEW_KEYS = VIEW_PICTURE
};

#endif
