FROM node:latest
RUN npm install -g pm2
COPY .npmrc /root/
RUN git config --global http.sslVerify false && npm config set strict-ssl false
USER root
CMD ["npm", "run", "dev"]
