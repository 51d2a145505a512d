# The record's bytes: warden reads policies and measures, seal makes bodies, spool makes entries,
# the recipient's tool opens, the agency's tool writes policies.
record-users := warden seal spool laneopen lanekeys
$(foreach p,$(record-users),$(eval $(p)-y += cbor.c cose.c policy.c) \
  $(eval $(p)-sees += record/cbor.h record/cose.h record/policy.h))
# The signed manifest of an image is a COSE_Sign1 as well.
lanectl-y    += cbor.c cose.c
lanectl-sees += record/cbor.h record/cose.h
$(foreach p,warden seal spool laneopen,$(eval $(p)-y += header.c) $(eval $(p)-sees += record/header.h record/health.h))
seal-y     += hpke.c recipient.c plain_write.c body.c
seal-sees  += record/hpke.h record/recipient.h record/plain.h record/body.h
spool-y    += entry.c
spool-sees += record/entry.h
# For --exposure, which dates the oldest record.
warden-y    += entry.c
warden-sees += record/entry.h
laneopen-y    += hpke.c recipient.c plain_write.c plain_read.c body.c open.c entry.c
laneopen-sees += record/hpke.h record/recipient.h record/plain.h record/body.h record/open.h record/entry.h
