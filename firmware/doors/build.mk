# Which door each room may see. Nothing else gives a room a door's header.
capture-sees += doors/vitals doors/frame
locate-sees  += doors/vitals doors/frame doors/crop
seal-sees    += doors/vitals doors/crop doors/sealed
spool-sees   += doors/vitals doors/sealed doors/parcel doors/health
uplink-sees  += doors/vitals doors/parcel
warden-sees  += doors/vitals doors/frame/frame.h doors/health
laneopen-sees += doors/crop
lanesim-sees += doors/frame
platebox-sees += doors/frame doors/crop
lanescore-sees += doors/frame doors/crop

capture-y += vitals/vitals.c frame/frame.c
locate-y  += vitals/vitals.c frame/frame.c crop/crop.c
seal-y    += vitals/vitals.c crop/crop.c sealed/sealed.c
spool-y   += vitals/vitals.c sealed/sealed.c parcel/parcel.c health/health.c
uplink-y  += vitals/vitals.c parcel/parcel.c
warden-y  += vitals/vitals.c health/health.c

# Only uplink may ever talk to a network.
net := socket connect sendto sendmsg getaddrinfo gethostbyname* bind listen accept accept4
$(foreach r,warden capture locate seal spool,$(eval $(r)-deny += $(net)))
# These take what they need at start through descriptors; none opens a file by an absolute way or starts a program.
$(foreach r,capture locate seal spool uplink,$(eval $(r)-deny += fork vfork execv* posix_spawn* system popen dlopen ptrace))
locate-deny += open open64 openat openat64 fopen fopen64 creat
seal-deny   += open open64 openat openat64 fopen fopen64 creat
# Our own code in the pixel rooms has no heap.
heap := malloc calloc realloc free strdup strndup asprintf posix_memalign aligned_alloc
$(foreach r,locate seal $(if $(CONFIG_HAL_CAMERA_SIMULATED),capture),$(eval $(r)-deny += $(heap)))
# What each room must not know.
uplink-deny += frame_* crop_* sealed_* body_* hal_camera_* hal_crypto_*
spool-deny  += frame_* crop_* body_* hal_camera_*
seal-deny   += frame_* hal_camera_* hal_crypto_private_* hal_crypto_sign hal_crypto_ecdh body_open
locate-deny += hal_camera_* hal_crypto_* body_* sealed_*
capture-deny += crop_* hal_crypto_* body_* sealed_*
warden-deny += crop_* sealed_* body_* hal_camera_* hal_crypto_private_* hal_crypto_sign
