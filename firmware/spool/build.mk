spool-y    += main.c
spool-sees += spool
spool-y    += store.c recover.c state.c name.c chain.c
