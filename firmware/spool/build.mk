spool-y    += main.c
spool-sees += spool
spool-y    += store.c chain.c
