# Makes keys, certificates and policies. Files and PEM are read as in laneopen (tools/common).
lanekeys-y    += main.c pair.c certificate.c policy.c policy_args.c show.c image.c
lanekeys-y    += ../common/file.c ../common/key.c ../common/say.c ../common/manifest.c ../common/blockmap.c ../common/blockmap_make.c
lanekeys-lib  += -lcrypto -lexpat
