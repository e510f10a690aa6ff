/* A source for the test of mutate.c; its mutants are in example.expected. */
#define LIMIT (1 + 2) /* preprocessor lines are not changed */

static const char *const names[] = {"a < b", "c && d"};

int example(const int *numbers, int n, char out[16 + 1])
{
    int sum = 0; // n - 1 in a comment

    for (int i = 0; i < n; i++) {
        if (!numbers || numbers[i] <= -1)
            return -1;
        sum += (int)numbers[i] * 2;
    }
    while (sum > LIMIT && out[0])
        sum--;
    out[0] = names[0][1];
    if (out)
        return 0;
    return sum == 0x10 ? 'x' : "1 + 1"[0];
}
