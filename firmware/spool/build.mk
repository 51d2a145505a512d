spool-y    += main.c
spool-sees += spool
spool-y    += store.c recover.c segment.c state.c chain.c
