// Starts the page. It only mounts the app; what tests may hold on to is listed here and kept stable.
//
// data-testid            where                                       further attributes
// message                a message in a channel, DM or thread        data-ts, data-channel, data-revision, data-waiting
// ephemeral              "Only visible to you"                       data-ts, data-channel; its `dismiss` button
// <action_id>            any button or input of a block              data-block-id on buttons
// confirm                Slack's confirm dialog; confirm-yes, confirm-no
// modal                  the open modal                              data-view-id, data-callback-id, data-depth
// modal-submit, modal-close, modal-back, modal-x, modal-warning
// input-<block_id>, error-<block_id>, counter                        inside a modal
// actor-option           one person in "Acting as" (a radio)         data-user, data-role
// channel-link           a channel in the sidebar                    data-channel, data-unread, data-waiting
// dm-link                a direct message in the sidebar             data-channel, data-unread
// home-link, home        the app's Home in the sidebar; its page
// composer               the text field (data-where: channel or thread); composer-send
// thread-link, thread    opens the thread; its pane; thread-close
// notice                 Slack's warning under a message             data-code
// toast                  a short word from the page at the bottom
// banner, banner-next    the line at the top; its button
// faults-open, faults, fault-<preset>                                the drawer
import { render } from 'preact';
import { App } from './app.tsx';
import './styles.css';

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
