/*
 * hal/camera/vehicle.h - one vehicle of the drawn lane: what it is like, and its picture.
 */
#ifndef HAL_CAMERA_VEHICLE_H
#define HAL_CAMERA_VEHICLE_H

#include "plate.h"
#include "view.h"

struct vehicle_shape {
	const char *name;
	double width, length;               /* metres, as all here */
	double chin, hood_front;            /* the front face reaches from chin to hood_front */
	double hood_back, hood_deep;        /* where the windscreen begins, and how far back that is */
	double roof, roof_deep;             /* where it ends */
	double plate;                       /* height of the plate's middle */
	int32_t likelihood;
};

struct vehicle {
	uint32_t number;                    /* from 1; 0: this place is free */
	const struct vehicle_shape *shape;
	const struct plate_layout *layout;
	enum plate_wear wear;
	int night, rain, glare, lamps;
	double x, speed_mps, yaw_deg, plate_roll_deg, plate_x;
	double sin_yaw, cos_yaw;
	int32_t paint;                      /* luma of the body in full light */
	int64_t passes_us;                  /* when the front is at the near mark */
	struct texture plate, glass;
};

size_t vehicle_bytes(void);
/* Decides everything that is up to the seed but times. */
void vehicle_make(struct vehicle *v, uint64_t seed, uint32_t number, uint32_t speed_kmh);
/* Draws what does not change while it drives; memory of vehicle_bytes(). */
void vehicle_dress(struct vehicle *v, uint8_t *memory, uint64_t seed);

/* z: metres from the camera to the front; z_end: the same when the shutter closes. */
void vehicle_paint(const struct vehicle *v, const struct view *view, const struct canvas *c, double z, double z_end);

/* Corners of the number plate, clockwise; 0 when behind the camera. */
int vehicle_plate(const struct vehicle *v, const struct view *view, double z, struct point quad[4]) MUST_CHECK;
int vehicle_glass(const struct vehicle *v, const struct view *view, double z, struct point quad[4]) MUST_CHECK;

/* Convex parts that hide what is behind. Returns how many corners, 0 when part is one too far. */
enum { VEHICLE_PARTS = 3, VEHICLE_PART_CORNERS = 9 };
size_t vehicle_part(const struct vehicle *v, const struct view *view, double z, int part,
		    struct point corners[VEHICLE_PART_CORNERS]);

#endif
