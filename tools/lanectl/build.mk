# The technician's tool: images, disks, flashing. A desk's, never part of a unit.
lanectl-y    += main.c devices.c image.c flash.c flash_args.c targets.c log.c
lanectl-y    += device_linux.c device_look.c uses.c uses_read.c judge.c show.c source.c writer.c flashlog.c flashlog_read.c
lanectl-y    += ../common/file.c ../common/key.c ../common/say.c ../common/manifest.c ../common/blockmap.c
lanectl-lib  += -lcrypto -ljansson -lexpat -ludev -lblkid
