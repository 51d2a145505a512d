# The doors, and the packets that carry them. Seeds: tests/fuzz/seeds.
fuzz-door-base := firmware/base/check.c firmware/base/log.c firmware/base/wire.c firmware/base/wipe.c firmware/base/pipe.c
fuzzers += fuzz_pipe
fuzz_pipe-src  := fuzz_pipe.c
fuzz_pipe-room := spool
fuzz_pipe-with := $(fuzz-door-base)
$(foreach d,frame/locate crop/locate sealed/spool parcel/spool vitals/spool health/spool,\
  $(eval door := $(patsubst %/,%,$(dir $d)))\
  $(eval fuzzers += fuzz_$(door))\
  $(eval fuzz_$(door)-src  := fuzz_$(door).c)\
  $(eval fuzz_$(door)-room := $(notdir $d))\
  $(eval fuzz_$(door)-with := $(fuzz-door-base) firmware/doors/$(door)/$(door).c))

# What the spool finds in its folder at start.
fuzzers += fuzz_spool_folder
fuzz_spool_folder-src  := fuzz_spool_folder.c
fuzz_spool_folder-room := spool
fuzz_spool_folder-with := $(filter-out firmware/spool/main.c hal/storage/posix.c,$(spool-srcs)) tests/lib/storage_sim.c
fuzz_spool_folder-lib  := $(spool-libs)
# The record's readers, behind a crypto port that always agrees.
fuzz-record-with := firmware/base/check.c firmware/base/wipe.c firmware/base/log.c \
  $(addprefix firmware/record/,cbor.c cose.c policy.c header.c entry.c hpke.c recipient.c plain_write.c plain_read.c body.c open.c)
record-fuzzers := fuzz_policy fuzz_record fuzz_plain fuzz_header fuzz_cbor
fuzzers += $(record-fuzzers)
$(foreach f,$(record-fuzzers),$(eval $(f)-src := $(f).c crypto_stub.c) $(eval $(f)-room := laneopen) \
  $(eval $(f)-with := $(fuzz-record-with)))

# The JPEG inside a frame.
fuzzers += fuzz_luma
fuzz_luma-src  := fuzz_luma.c
fuzz_luma-room := locate
fuzz_luma-with := firmware/locate/luma.c firmware/base/check.c firmware/base/log.c firmware/base/wipe.c
fuzz_luma-lib  := -ljpeg

# What the simulated cameras read.
ifeq ($(CONFIG_HAL_CAMERA_SIMULATED),y)
fuzz-camera-base := $(addprefix firmware/base/,check.c log.c wipe.c)
fuzzers += fuzz_picture fuzz_y4m fuzz_scene_name
fuzz_picture-src  := fuzz_picture.c
fuzz_picture-room := capture
fuzz_picture-with := hal/camera/picture.c $(fuzz-camera-base)
fuzz_picture-lib  := -ljpeg -lspng
fuzz_y4m-src  := fuzz_y4m.c
fuzz_y4m-room := capture
fuzz_y4m-with := hal/camera/y4m.c $(fuzz-camera-base)
fuzz_scene_name-src  := fuzz_scene_name.c
fuzz_scene_name-room := capture
fuzz_scene_name-with := hal/camera/scene_name.c $(fuzz-camera-base)
endif

# What a collector says in its headers.
fuzzers += fuzz_answer
fuzz_answer-src  := fuzz_answer.c
fuzz_answer-room := uplink
fuzz_answer-with := firmware/uplink/answer.c firmware/base/check.c firmware/base/log.c

# What the technician's tool reads: the files beside an image, its record, and what the kernel says is mounted.
fuzz-lanectl-base := $(addprefix firmware/base/,check.c log.c io.c wipe.c wire.c)
fuzzers += fuzz_manifest fuzz_blockmap fuzz_flash_record fuzz_mounts
$(foreach f,fuzz_manifest fuzz_blockmap fuzz_flash_record fuzz_mounts,$(eval $f-src := $f.c) $(eval $f-room := lanectl))
fuzz_manifest-src  += crypto_stub.c
fuzz_manifest-room := laneopen
fuzz_manifest-with := tools/common/manifest.c $(addprefix firmware/record/,cbor.c cose.c) $(fuzz-lanectl-base)
fuzz_blockmap-with := tools/common/blockmap.c $(fuzz-lanectl-base)
fuzz_blockmap-lib  := -lexpat
fuzz_flash_record-with := tools/lanectl/flashlog_read.c $(fuzz-lanectl-base)
fuzz_flash_record-lib  := -lcrypto -ljansson
fuzz_mounts-with := $(addprefix tools/lanectl/,uses.c judge.c) $(addprefix tools/common/,file.c say.c) $(fuzz-lanectl-base)
