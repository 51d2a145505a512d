seal-y    += main.c settings.c recipients.c judge.c
seal-sees += seal
