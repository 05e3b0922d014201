"""The desktop around us: notifications, start at login, sleep, network, the one running instance, the browser."""
