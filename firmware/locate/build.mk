locate-y    += main.c luma.c light.c follow.c views.c outbox.c cut.c self_test.c
locate-sees += locate
locate-lib  += -ljpeg -lspng
# The finder and the limits of a crop: the same objects measure photographs on a desk.
net-c    := net.c net_plain.c net_avx2.c net_sse41.c net_neon.c net_search.c net_verify.c
kernels += $(patsubst %,firmware/locate/net_%.c,plain avx2 sse41 neon)
finder-c := find.c boxes.c verify.c levels.c $(net-c)
$(foreach p,locate platebox lanescore,$(eval $(p)-y += $(finder-c)))
platebox-y    += cut.c
platebox-sees += $(patsubst %,locate/%.h,find cut boxes verify levels net net_kernels)
# Following is measured with it.
lanescore-y    += follow.c views.c cut.c
lanescore-sees += $(patsubst %,locate/%.h,find cut boxes verify levels net net_kernels follow views)
# The inner loops count on the compiler to unroll them.
locate-cflags   += -O3
platebox-cflags += -O3
lanescore-cflags += -O3
