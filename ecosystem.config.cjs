// For those who keep their services with PM2: pm2 start ecosystem.config.cjs [--env production]
// One process is enough: Kontor uses all cores. (PM2's cluster mode is for programs of Node.)
const answers_within_ms = 10_000; // KONTOR_STOP_TIMEOUT_MS: what is under way is finished first

module.exports = {
  apps: [{
    name: 'kontor',
    script: process.env.KONTOR_BIN ?? 'kontor', // as it is found in PATH; its settings are in the environment and in ./.env
    args: 'serve',
    interpreter: 'none',
    exec_mode: 'fork',
    kill_timeout: answers_within_ms + 5000,
    exp_backoff_restart_delay: 100,
    merge_logs: true,
    env: { KONTOR_LOG: 'json' },
    env_production: { KONTOR_LOG: 'json', KONTOR_ENV: 'production' },
  }],
};
