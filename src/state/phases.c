#include "state/phases.h"

static const uint32_t not_reached = UINT32_MAX, longest = 1800000000;

void phases_pack(const struct phases *phases, unsigned char packed[PHASES_BYTES])
{
    for (int i = 0; i < PHASES; i++) {
        int64_t us = phases->us[i];
        uint32_t number = us < 0 ? not_reached : us < longest ? (uint32_t)us : longest;

        for (int byte = 0; byte < 4; byte++)
            packed[4 * i + byte] = (unsigned char)(number >> 8 * byte);
    }
}

int phases_unpack(const unsigned char packed[PHASES_BYTES], struct phases *phases)
{
    for (int i = 0; i < PHASES; i++) {
        uint32_t number = 0;

        for (int byte = 0; byte < 4; byte++)
            number |= (uint32_t)packed[4 * i + byte] << 8 * byte;
        if (number != not_reached && number > longest)
            return -1;
        phases->us[i] = number == not_reached ? -1 : (int64_t)number;
    }
    return 0;
}
