# cpack runs this on the tree that becomes the package. It compresses files as Debian requires, and sets their modes
# whatever the umask was.
set(prefix "${CPACK_TEMPORARY_DIRECTORY}${CPACK_PACKAGING_INSTALL_PREFIX}")
execute_process(COMMAND gzip -9n share/man/man1/haloedge.1 share/doc/haloedge/changelog
  WORKING_DIRECTORY "${prefix}" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND chmod -R u=rwX,go=rX "${prefix}" COMMAND_ERROR_IS_FATAL ANY)
