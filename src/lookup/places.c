#include "lookup/places.h"

/* How many answers make room for one more, before and after the name server refused. */
enum { GROWS_BEFORE = 1, GROWS_AFTER = 8 };

static void append(struct places_line *line, struct place *place)
{
    place->next = NULL;
    place->link = line->end;
    *line->end = place;
    line->end = &place->next;
}

static void take_out(struct places_line *line, struct place *place)
{
    *place->link = place->next;
    if (place->next)
        place->next->link = place->link;
    else
        line->end = place->link;
}

void places_init(struct places *places)
{
    *places = (struct places){.most = PLACES_LEAST, .grows = GROWS_BEFORE};
    places->waiting.end = &places->waiting.first;
    places->held.end = &places->held.first;
}

void places_wait(struct places *places, struct place *place)
{
    append(&places->waiting, place);
    place->state = PLACE_WAITS;
}

struct place *places_next(struct places *places, int64_t now_us)
{
    struct place *place = places->waiting.first;

    if (!place || places->n_held >= places->most || places->n_all >= PLACES_ALL)
        return NULL;
    take_out(&places->waiting, place);
    append(&places->held, place);
    place->state = PLACE_HELD;
    place->since_us = now_us;
    places->n_held++;
    places->n_all++;
    return place;
}

static void give_up(struct places *places, struct place *place)
{
    take_out(&places->held, place);
    place->state = PLACE_GIVEN_UP;
    places->n_held--;
}

void places_review(struct places *places, int64_t now_us)
{
    while (places->held.first && now_us - places->held.first->since_us >= PLACES_PATIENCE_US) {
        give_up(places, places->held.first);
        places_answered(places);
    }
}

void places_leave(struct places *places, struct place *place)
{
    if (place->state == PLACE_WAITS)
        take_out(&places->waiting, place);
    else if (place->state == PLACE_HELD)
        give_up(places, place);
    if (place->state == PLACE_GIVEN_UP)
        places->n_all--;
    place->state = PLACE_NONE;
}

void places_answered(struct places *places)
{
    if (places->most == PLACES_MOST || ++places->answered < places->grows)
        return;
    places->answered = 0;
    places->most++;
}

bool places_refused(struct places *places)
{
    if (places->n_all < PLACES_LEAST)
        return false;
    places->answered = 0;
    places->grows = GROWS_AFTER;
    places->most = places->most / 2 > PLACES_LEAST ? places->most / 2 : PLACES_LEAST;
    return true;
}
