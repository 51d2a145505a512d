locate-y    += main.c luma.c follow.c views.c outbox.c cut.c
locate-sees += locate
locate-lib  += -ljpeg -lspng
# The finder and the limits of a crop: the same objects measure photographs on a desk.
$(foreach p,locate platebox,$(eval $(p)-y += find.c levels.c net.c net_plain.c net_avx2.c net_search.c))
platebox-y    += cut.c
platebox-sees += locate/find.h locate/cut.h locate/levels.h locate/net.h locate/net_kernels.h
# The inner loops count on the compiler to unroll them.
locate-cflags   += -O3
platebox-cflags += -O3
