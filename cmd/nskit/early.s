#include "textflag.h"

// nskit_early and nskit_ordinary are what the entry of package prestart calls.
TEXT nskit_early(SB), NOSPLIT, $0-0
	CALL ·early(SB)
	RET

TEXT nskit_ordinary(SB), NOSPLIT, $0-0
	CALL ·ordinary(SB)
	RET
