/** What the command hands to the process that runs a measured mesh. */

/** Variable that holds the settings, as JSON. */
export const setupVariable = 'MESH_BENCH_SETUP';
