#include "textflag.h"

// nskit_early is what the entry of package prestart calls.
TEXT nskit_early(SB), NOSPLIT, $0-0
	CALL ·early(SB)
	RET
