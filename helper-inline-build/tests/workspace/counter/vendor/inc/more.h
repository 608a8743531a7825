#define MORE 0
