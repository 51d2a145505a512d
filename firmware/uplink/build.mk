uplink-y    += main.c file.c collector.c https.c answer.c pace.c
uplink-sees += uplink
# libcurl with OpenSSL on every board: Debian builds it with no mbedTLS.
uplink-lib  += -lcurl -lssl -lcrypto
