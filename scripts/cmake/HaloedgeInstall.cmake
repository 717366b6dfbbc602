# cmake --install: the program, its manual page, bash completion and job scripts.
install(TARGETS haloedge RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES scripts/man/haloedge.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES scripts/completion/haloedge.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME haloedge)
install(PROGRAMS slurm/edges.sbatch DESTINATION ${CMAKE_INSTALL_DATADIR}/haloedge/slurm)
install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
