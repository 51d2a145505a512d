locate-y    += main.c luma.c follow.c views.c outbox.c cut.c
locate-sees += locate
locate-lib  += -ljpeg -lspng
# The finder and the limits of a crop: the same objects measure photographs on a desk.
$(foreach p,locate platebox,$(eval $(p)-y += find.c scan.c sums.c model.c))
platebox-y    += cut.c
platebox-sees += locate/find.h locate/cut.h locate/scan.h locate/sums.h
# The sums are plain loops over rows: with -O3 the compiler uses the machine's vectors.
locate-cflags   += -O3
platebox-cflags += -O3
