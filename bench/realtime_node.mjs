// The other side of ./dev bench realtime: npm's socket.io doing what the conformance program does at /normal/.
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const http = createServer();
const io = new Server(http, { path: '/normal/', connectTimeout: 45_000 });
io.on('connection', (socket) => {
  socket.emit('auth', socket.handshake.auth);
  socket.on('join', (room, ack) => {
    socket.join(room);
    ack(true);
  });
  socket.on('emit-room', (room, event, ...args) => io.to(room).emit(event, ...args));
});
http.listen(0, '127.0.0.1', () => console.log(`listening on 127.0.0.1, --port ${http.address().port} --client-port 0`));
