/* Decides what is a problem, and what is undecided. */
#include "dashboard/problems.h"

void problems_add_undecided(struct undecided_object *undecided, enum undecided what,
                            bool failed_once, struct object *into)
{
    struct object *object = &undecided->object;

    if (what == UNDECIDED_NOTHING && !failed_once) {
        object_flag(into, "undecided", false);
        return;
    }
    object_clear(object);
    object_flag(object, "checking", what == UNDECIDED_SUSPECT);
    object_flag(object, "recovering", what == UNDECIDED_RECOVERING);
    object_flag(object, "failed_once", what == UNDECIDED_NOTHING);
    object_inner(into, "undecided", object);
}
