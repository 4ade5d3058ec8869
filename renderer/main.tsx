/** Mounts the window. Everything is built here and handed down. */
import { createRoot } from 'react-dom/client';
import { connect } from './api.ts';
import { createApp } from './state/app.ts';
import './style/tokens.css';
import './style/base.css';
import './style/shell.css';
import './style/unlock.css';
import './style/home.css';
import './style/room.css';
import './style/list.css';
import './style/alarm.css';
import './style/relay.css';
import './style/report.css';
import './style/search.css';
import './style/courier.css';
import { App } from './view/App.tsx';
import { AppContext } from './view/context.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

createRoot(root).render(
  <AppContext value={createApp(connect(window), window)}>
    <App />
  </AppContext>,
);
